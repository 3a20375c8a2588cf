// Keeps one event that repeats from filling the log: of each name so many an interval, then one
// line with how many more there were. A pure value with a given clock.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpi::server {

// Not thread-safe.
class RepeatLimit {
 public:
  static constexpr std::uint64_t kPerInterval = 20;
  static constexpr std::int64_t kIntervalMs = 10'000;
  static constexpr std::size_t kNamesMax = 128;  // Names beyond share one allowance.

  // Whether this one is to be written.
  bool admit(std::string_view event, std::int64_t now_ms);

  struct Suppressed {
    std::string event;
    std::uint64_t count = 0;
  };
  // Of the intervals that have ended by now, forgotten once told. Ascending by name.
  std::vector<Suppressed> take_ended(std::int64_t now_ms);
  std::vector<Suppressed> take_all();  // Also of those under way: the process ends.

 private:
  struct Interval {
    std::int64_t begin_ms = 0;
    std::uint64_t seen = 0;
  };
  std::vector<Suppressed> take(std::optional<std::int64_t> now_ms);

  std::map<std::string, Interval, std::less<>> intervals_;
};

}  // namespace kpi::server
