#include "engine/seal/plan.h"

#include <array>

#include "kpi/event.h"

namespace kpi {

DayPlan plan_day(const SealPolicy& policy, std::int64_t day_begin_ms,
                 std::span<const std::int64_t> times_ms) {
  if (policy.reason == SealReason::kAll || day_begin_ms + kDayMs <= policy.closed_before_ms) {
    return {kAllHours, times_ms.size() >= std::size_t{24} * policy.dense_events_per_hour};
  }
  std::array<std::uint32_t, 24> events{};
  for (const std::int64_t time_ms : times_ms) {
    ++events[static_cast<std::size_t>((time_ms - day_begin_ms) / kHourMs)];
  }
  DayPlan plan;
  plan.dense = true;  // Of an open day only dense hours are taken.
  for (unsigned hour = 0; hour < events.size(); ++hour) {
    const bool closed = day_begin_ms + (hour + 1) * kHourMs <= policy.closed_before_ms;
    const bool wanted = closed || policy.reason == SealReason::kBudget;
    if (wanted && events[hour] >= policy.dense_events_per_hour) plan.hours |= 1U << hour;
  }
  return plan;
}

}  // namespace kpi
