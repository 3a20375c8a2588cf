#include "server/dialect/iso_time.h"

#include <chrono>

#include "kpi/event.h"

namespace kpi::server {
namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::size_t kFractionDigitsMax = 9;

// Takes what it reads off the front of `text`.
bool take_number(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}
bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text, std::int64_t& ms) {
  int year = 0, month = 0, day = 0;
  if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, month) ||
      !take(text, '-') || !take_number(text, 2, day)) {
    return false;
  }
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return false;
  ms = std::chrono::sys_days(date).time_since_epoch().count() * kDayMs;
  return true;
}

bool take_fraction(std::string_view& text, std::int64_t& ms) {
  if (!take(text, '.') && !take(text, ',')) return true;
  std::int64_t unit = 100;
  std::size_t digits = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
    ms += unit * (text[0] - '0');
    unit /= 10;
  }
  return digits >= 1 && digits <= kFractionDigitsMax;
}

bool take_clock(std::string_view& text, std::int64_t& ms) {
  int hour = 0, minute = 0, second = 0;
  if (!take_number(text, 2, hour) || !take(text, ':') || !take_number(text, 2, minute))
    return false;
  if (take(text, ':') && !take_number(text, 2, second)) return false;
  if (hour > 23 || minute > 59 || second > 59) return false;
  ms += hour * kHourMs + minute * kMinuteMs + second * kSecondMs;
  return take_fraction(text, ms);
}

bool take_zone(std::string_view& text, std::int64_t& ms) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return true;
  const bool east = text[0] == '+';
  if (!east && text[0] != '-') return false;
  text.remove_prefix(1);
  int hour = 0, minute = 0;
  if (!take_number(text, 2, hour)) return false;
  if (!text.empty()) {
    take(text, ':');
    if (!take_number(text, 2, minute)) return false;
  }
  if (hour > 23 || minute > 59) return false;
  const std::int64_t offset = hour * kHourMs + minute * kMinuteMs;
  ms += east ? -offset : offset;
  return true;
}

}  // namespace

std::optional<std::int64_t> parse_iso_time(std::string_view text) {
  std::int64_t ms = 0;
  if (!take_date(text, ms)) return std::nullopt;
  if (text.empty()) return ms;  // A date alone is its first moment, UTC.
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  if (!take_clock(text, ms) || !take_zone(text, ms) || !text.empty()) return std::nullopt;
  return ms;
}

}  // namespace kpi::server
