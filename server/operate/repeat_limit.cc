#include "server/operate/repeat_limit.h"

namespace kpi::server {
namespace {

constexpr std::string_view kOther = "(other)";

}  // namespace

bool RepeatLimit::admit(std::string_view event, std::int64_t now_ms) {
  auto found = intervals_.find(event);
  if (found == intervals_.end()) {
    const std::string_view name = intervals_.size() < kNamesMax ? event : kOther;
    found = intervals_.try_emplace(std::string(name), Interval{now_ms, 0}).first;
  }
  return ++found->second.seen <= kPerInterval;
}

std::vector<RepeatLimit::Suppressed> RepeatLimit::take_ended(std::int64_t now_ms) {
  return take(now_ms);
}

std::vector<RepeatLimit::Suppressed> RepeatLimit::take_all() { return take(std::nullopt); }

std::vector<RepeatLimit::Suppressed> RepeatLimit::take(std::optional<std::int64_t> now_ms) {
  std::vector<Suppressed> ended;
  for (auto it = intervals_.begin(); it != intervals_.end();) {
    const auto& [event, interval] = *it;
    if (now_ms && *now_ms - interval.begin_ms < kIntervalMs) {
      ++it;
      continue;
    }
    if (interval.seen > kPerInterval) ended.push_back({event, interval.seen - kPerInterval});
    it = intervals_.erase(it);
  }
  return ended;
}

}  // namespace kpi::server
