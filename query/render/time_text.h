// Timestamps as text: ms since the epoch -> civil UTC time, for every writer.
#pragma once
#include <cstdint>
#include <string>

namespace kpi::query {

struct CivilTime {
  std::int64_t year = 1970;
  int month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0;
};
CivilTime civil_time(std::int64_t time_ms);  // Any integer.

// `2026-11-22<separator>09:00:00[.123]<zone>`
std::string time_text(std::int64_t time_ms, char separator, const char* zone);

}  // namespace kpi::query
