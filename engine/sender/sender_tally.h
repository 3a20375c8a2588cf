// How many reports the largest of any number of senders sent, in fixed memory (Misra and Gries).
// Pure values.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kpi {

inline constexpr std::size_t kSenderCountersMax = 32;

// Of all senders, count_of() is at most the truth and falls short of it by at most shortfall(),
// which is at most reports() / (kSenderCountersMax + 1). Up to kSenderCountersMax senders are
// counted exactly.
class SenderTally {
 public:
  void add(std::uint64_t sender, std::uint64_t reports = 1);

  std::uint64_t reports() const { return reports_; }
  std::uint64_t largest() const;
  std::uint64_t count_of(std::uint64_t sender) const;  // 0 for one that has no counter.
  std::uint64_t shortfall() const { return shortfall_; }

 private:
  struct Counter {
    std::uint64_t sender = 0, reports = 0;
  };
  std::vector<Counter> counters_;  // Of at least one report each.
  std::uint64_t reports_ = 0, shortfall_ = 0;
};

}  // namespace kpi
