// Which new names a store takes (NameLimits, kpi/limits.h): beyond them kOtherName stands for
// what an event says, so that memory is bounded whatever is sent. Names that are in the dictionary
// keep their places. The committer's thread alone calls it, but for events_under_other().
#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/dictionary/dictionary.h"
#include "kpi/engine.h"
#include "kpi/limits.h"

namespace kpi {

enum class NameLimit : std::uint8_t { kRps, kClients, kSeries, kMeasures, kLabels, kLabelValues };
inline constexpr std::size_t kNameLimitCount = 6;

// Which limits an event has met.
class NameLimitSet {
 public:
  NameLimitSet() = default;
  NameLimitSet(NameLimit limit)  // NOLINT: one limit is a set.
      : bits_(static_cast<std::uint8_t>(1U << static_cast<unsigned>(limit))) {}
  bool any() const { return bits_ != 0; }
  bool has(NameLimit limit) const { return (bits_ >> static_cast<unsigned>(limit) & 1U) != 0; }
  NameLimitSet& operator|=(NameLimitSet other) {
    bits_ = static_cast<std::uint8_t>(bits_ | other.bits_);
    return *this;
  }
  friend NameLimitSet operator|(NameLimitSet a, NameLimitSet b) { return a |= b; }

 private:
  std::uint8_t bits_ = 0;
};

class NameGate {
 public:
  // Under what to store a name. `id`: where the dictionary has it as it was given; else 0, and the
  // caller interns the names. Views of the arguments or constants.
  struct Series {
    std::uint32_t id = 0;
    std::string_view rp = {}, client = {};
    NameLimitSet met = {};
  };
  struct Name {
    std::uint32_t id = 0;
    std::string_view name = {};
    NameLimitSet met = {};
  };
  struct Label {
    std::string_view label = {}, value = {};
    NameLimitSet met = {};
  };

  // Both outlive it.
  NameGate(const Dictionary& dictionary, const EngineOptions& options)
      : dictionary_(dictionary), options_(options) {}

  // The client of an RP that is kOtherName is kOtherName as well, or unknown.
  Series series(std::string_view rp, std::string_view client);
  Name measure(std::string_view name);
  Label label(std::string_view label, std::string_view value);

  void count(NameLimitSet met);           // One event.
  NameLimits events_under_other() const;  // Any thread.

 private:
  using Clock = std::chrono::steady_clock;
  struct Told {
    bool nearly_full = false;
    Clock::time_point full = {};
  };

  bool keeps(std::string_view rp, std::string_view client) const;
  std::uint64_t rps() const;
  std::uint64_t clients(std::uint32_t rp_id) const;
  NameLimitSet take(NameLimit limit, std::uint64_t count, std::uint64_t most);
  void tell(NameLimit limit, std::uint64_t most, bool full);

  const Dictionary& dictionary_;
  const EngineOptions& options_;
  std::array<Told, kNameLimitCount> told_{};
  std::array<std::atomic<std::uint64_t>, kNameLimitCount> events_{};
};

}  // namespace kpi
