#include "server/admission/rate_table.h"

#include <algorithm>

#include "kpi/assert.h"

namespace kpi::server {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000, kMsNs = 1'000'000;

}  // namespace

RateLimit RateLimit::of(std::uint64_t rate, std::int64_t burst_ms) {
  if (rate == 0) return {};
  RateLimit limit;
  limit.interval_ns = std::max<std::int64_t>(kSecondNs / static_cast<std::int64_t>(rate), 1);
  limit.burst_ns = std::max(burst_ms * kMsNs, limit.interval_ns);
  return limit;
}

std::int64_t RateLimit::take(std::int64_t& full_ns, std::int64_t now_ns) const {
  if (interval_ns == 0) return 0;
  const std::int64_t next = std::max(full_ns, now_ns) + interval_ns;
  if (next - now_ns > burst_ns) return next - now_ns - burst_ns;
  full_ns = next;
  return 0;
}

RateTable::RateTable(RateLimit limit, std::size_t sets)
    : limit_(limit), sets_(sets), slots_(limit.interval_ns == 0 ? 0 : sets * kRateWays) {
  KPI_ASSERT(sets != 0 && (sets & (sets - 1)) == 0);
}

std::int64_t RateTable::take(std::uint64_t key, std::int64_t now_ns) {
  if (limit_.interval_ns == 0) return 0;
  const std::size_t set = key & (sets_ - 1);
  const std::lock_guard lock(mutexes_[set % kStripes]);
  const auto begin = slots_.begin() + static_cast<std::ptrdiff_t>(set * kRateWays);
  const auto end = begin + kRateWays;
  auto slot = std::find_if(begin, end, [&](const Slot& each) { return each.key == key; });
  if (slot == end) {
    slot = std::min_element(begin, end,
                            [](const Slot& a, const Slot& b) { return a.full_ns < b.full_ns; });
    *slot = {key, 0};
  }
  return limit_.take(slot->full_ns, now_ns);
}

}  // namespace kpi::server
