#include "tools/kpi_admin/day_option.h"

#include <chrono>
#include <cstdio>

#include "kpi/event.h"

namespace kpi::tools {
namespace {

// Digits only; -1 for anything else.
int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    value = 10 * value + (c - '0');
  }
  return value;
}

}  // namespace

Result<std::int64_t> parse_day(std::string_view text) {
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  if (shaped) {
    const int year = number(text.substr(0, 4)), month = number(text.substr(5, 2)),
              day = number(text.substr(8, 2));
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (year >= 1970 && month >= 0 && day >= 0 && date.ok()) {
      return std::chrono::sys_days(date).time_since_epoch().count() * kDayMs;
    }
  }
  return Error{ErrorCode::kInvalidArgument,
               "'" + std::string(text) + "' is no day; YYYY-MM-DD was expected"};
}

std::string day_text(std::int64_t begin_ms) {
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(begin_ms / kDayMs))};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

}  // namespace kpi::tools
