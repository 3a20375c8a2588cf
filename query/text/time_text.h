// Times and durations as people write them, and the calendar they need. UTC, proleptic Gregorian.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kpi::query {

// A duration: months are of the calendar, the rest is exact.
struct Interval {
  std::int64_t months = 0;
  std::int64_t ms = 0;
  bool operator==(const Interval&) const = default;
};

// `2026-11-22`, or with `T` or blanks `09:00`, `09:00:30`, `09:00:30.125`, then `Z`, `+02`,
// `+0200` or `+02:00`. No offset: UTC. Digits beyond milliseconds are cut. Years 1..9999.
std::optional<std::int64_t> parse_time(std::string_view text);
// `1 hour 30 minutes`, `90s`, `-7 days`, `1.5 hours`, `2 months`, and as drivers write durations:
// `3 days 01:30:00.125`. Nothing for a wrong unit or an overflow.
std::optional<Interval> parse_interval(std::string_view text);

struct CalendarDay {
  std::int64_t year = 1970;
  int month = 1, day = 1;  // From 1.
};
CalendarDay calendar_day(std::int64_t day);  // Of a day since the epoch.
std::int64_t epoch_day(const CalendarDay& day);
// Nothing beyond the years 1..9999. A day that the month lacks becomes its last.
std::optional<std::int64_t> add(std::int64_t time_ms, const Interval& interval);
// The begin of the span of `months` (counted from year 0) that `time_ms` is in.
std::int64_t month_floor(std::int64_t time_ms, std::int64_t months);
std::int64_t floor_to(std::int64_t value, std::int64_t width, std::int64_t origin);

// `2026-11-22T09:00:00Z`, with `.125` where there are milliseconds.
std::string iso_time(std::int64_t time_ms);

}  // namespace kpi::query
