// What of a series' day a seal takes, and in which form: the density rule, as pure functions.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace kpi {

enum class SealReason : std::uint8_t {
  kClock,   // Hours and days have closed: take those.
  kBudget,  // Memory or journal is full: also take dense hours that are still open.
  kAll,     // Take everything.
};

struct SealPolicy {
  SealReason reason = SealReason::kAll;
  // Hours and days that end at or before this time are closed.
  std::int64_t closed_before_ms = 0;
  std::uint32_t dense_events_per_hour = 16;
  // The first day whose raw events are kept: events that come later than that get cells only.
  std::uint16_t raw_first_day = 0;
  // Likewise of cells: those of earlier days would never be dropped again.
  std::uint16_t minute_first_day = 0, hour_first_day = 0, day_first_day = 0;
};

inline constexpr std::uint32_t kAllHours = (1U << 24) - 1;

// One bit an hour of the day.
struct DayPlan {
  std::uint32_t hours = 0;  // Whose events are sealed; kAllHours: the whole day.
  bool dense = false;       // As hour chunks with hour cells; else as one day chunk without.
  bool whole() const { return hours == kAllHours; }
};

// `times_ms`: of one series, one UTC day beginning at `day_begin_ms`, ascending, not empty.
DayPlan plan_day(const SealPolicy& policy, std::int64_t day_begin_ms,
                 std::span<const std::int64_t> times_ms);

}  // namespace kpi
