#include "query/text/time_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "kpi/event.h"

namespace kpi::query {
namespace {

constexpr std::int64_t kYearMin = 1, kYearMax = 9999;
constexpr double kAmountMax = 1e15;  // Of one unit in ms: beyond, a double is no longer exact.

struct Unit {
  std::string_view name;
  std::int64_t months, ms;
};
constexpr std::array<Unit, 33> kUnits = {{{"ms", 0, 1},
                                          {"millisecond", 0, 1},
                                          {"milliseconds", 0, 1},
                                          {"s", 0, 1000},
                                          {"sec", 0, 1000},
                                          {"secs", 0, 1000},
                                          {"second", 0, 1000},
                                          {"seconds", 0, 1000},
                                          {"m", 0, kMinuteMs},
                                          {"min", 0, kMinuteMs},
                                          {"mins", 0, kMinuteMs},
                                          {"minute", 0, kMinuteMs},
                                          {"minutes", 0, kMinuteMs},
                                          {"h", 0, kHourMs},
                                          {"hr", 0, kHourMs},
                                          {"hrs", 0, kHourMs},
                                          {"hour", 0, kHourMs},
                                          {"hours", 0, kHourMs},
                                          {"d", 0, kDayMs},
                                          {"day", 0, kDayMs},
                                          {"days", 0, kDayMs},
                                          {"w", 0, 7 * kDayMs},
                                          {"week", 0, 7 * kDayMs},
                                          {"weeks", 0, 7 * kDayMs},
                                          {"mon", 1, 0},
                                          {"mons", 1, 0},
                                          {"month", 1, 0},
                                          {"months", 1, 0},
                                          {"quarter", 3, 0},
                                          {"quarters", 3, 0},
                                          {"y", 12, 0},
                                          {"year", 12, 0},
                                          {"years", 12, 0}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int month_days(std::int64_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool accept(char c) {
    if (peek() != c || done()) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (accept(' ')) {
    }
  }
  // Exactly `digits` digits within least..most.
  bool number(int digits, int least, int most, int& value) {
    value = 0;
    for (int i = 0; i < digits; ++i) {
      if (!is_digit(peek())) return false;
      value = value * 10 + (text_[at_++] - '0');
    }
    return value >= least && value <= most;
  }
  std::string_view while_digits() {
    const std::size_t begin = at_;
    while (is_digit(peek()) || peek() == '.') ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string_view while_letters() {
    const std::size_t begin = at_;
    while ((peek() | 0x20) >= 'a' && (peek() | 0x20) <= 'z') ++at_;
    return text_.substr(begin, at_ - begin);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

bool read_date(Reader& in, std::int64_t& day) {
  int year = 0, month = 0, of_month = 0;
  if (!in.number(4, kYearMin, kYearMax, year) || !in.accept('-') || !in.number(2, 1, 12, month) ||
      !in.accept('-') || !in.number(2, 1, month_days(year, month), of_month)) {
    return false;
  }
  day = epoch_day({year, month, of_month});
  return true;
}

// What follows the hours: `:30`, `:30:05`, `:30:05.125`.
bool read_minutes(Reader& in, std::int64_t& ms) {
  int minute = 0, second = 0;
  if (!in.accept(':') || !in.number(2, 0, 59, minute)) return false;
  ms = minute * kMinuteMs;
  if (!in.accept(':')) return true;
  if (!in.number(2, 0, 59, second)) return false;
  ms += second * 1000LL;
  if (!in.accept('.')) return true;
  if (!is_digit(in.peek())) return false;
  int digit = 0;
  for (int scale = 100; is_digit(in.peek()); scale /= 10) {
    if (!in.number(1, 0, 9, digit)) return false;
    ms += digit * scale;
  }
  return true;
}

bool read_clock(Reader& in, std::int64_t& ms) {
  int hour = 0;
  if (!in.number(2, 0, 23, hour) || !read_minutes(in, ms)) return false;
  ms += hour * kHourMs;
  return true;
}

bool read_offset(Reader& in, std::int64_t& ms) {
  if (in.accept('Z') || in.accept('z')) return true;
  const bool minus = in.peek() == '-';
  if (!in.accept('+') && !in.accept('-')) return true;
  int hours = 0, minutes = 0;
  if (!in.number(2, 0, 15, hours)) return false;
  const bool colon = in.accept(':');
  if ((colon || !in.done()) && !in.number(2, 0, 59, minutes)) return false;
  ms = (hours * kHourMs + minutes * kMinuteMs) * (minus ? -1 : 1);
  return true;
}

// As drivers write what is less than a day: `[-]36:30:05.125`.
bool read_clock_part(Reader& in, double hours, double sign, Interval& interval) {
  const double hours_ms = hours * static_cast<double>(kHourMs);
  std::int64_t rest = 0;
  if (hours != std::floor(hours) || hours_ms > kAmountMax || !read_minutes(in, rest)) return false;
  interval.ms += static_cast<std::int64_t>(sign) * (std::llround(hours_ms) + rest);
  return true;
}

// One `[-]1.5 hours`, or hours with their minutes.
bool read_part(Reader& in, Interval& interval) {
  const double sign = in.accept('-') ? -1 : 1;
  if (sign > 0) in.accept('+');
  const std::string_view digits = in.while_digits();
  double amount = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return false;
  if (in.peek() == ':') return read_clock_part(in, amount, sign, interval);
  in.skip_blanks();
  std::string name(in.while_letters());
  for (char& c : name) c = static_cast<char>(c | 0x20);
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    const double months = sign * amount * static_cast<double>(unit.months);
    const double ms = sign * amount * static_cast<double>(unit.ms);
    if (months != std::floor(months) || std::abs(months) > kYearMax * 12) return false;
    if (std::abs(ms) > kAmountMax) return false;
    interval.months += static_cast<std::int64_t>(months);
    interval.ms += std::llround(ms);
    return true;
  }
  return false;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  Reader in(text);
  std::int64_t day = 0, clock = 0, offset = 0;
  in.skip_blanks();
  if (!read_date(in, day)) return std::nullopt;
  const bool separated = in.accept('T') || in.accept('t') || in.peek() == ' ';
  in.skip_blanks();
  if (separated && is_digit(in.peek())) {
    if (!read_clock(in, clock)) return std::nullopt;
    in.skip_blanks();
    if (!read_offset(in, offset)) return std::nullopt;
    in.skip_blanks();
  }
  if (!in.done()) return std::nullopt;
  return day * kDayMs + clock - offset;
}

std::optional<Interval> parse_interval(std::string_view text) {
  constexpr int kPartsMax = 16;
  Reader in(text);
  Interval interval;
  in.skip_blanks();
  int parts = 0;
  while (!in.done()) {
    if (++parts > kPartsMax || !read_part(in, interval)) return std::nullopt;
    in.skip_blanks();
    if (in.accept(',')) in.skip_blanks();
  }
  if (parts == 0) return std::nullopt;
  return interval;
}

// Howard Hinnant's algorithms: years begin in March, so that the leap day comes last.
CalendarDay calendar_day(std::int64_t day) {
  const std::int64_t shifted = day + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * of_year + 2) / 153;
  const auto of_month = static_cast<int>(of_year - (153 * march_month + 2) / 5 + 1);
  const auto month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, of_month};
}

std::int64_t epoch_day(const CalendarDay& day) {
  const std::int64_t year = day.year - (day.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (day.month + (day.month > 2 ? -3 : 9)) + 2) / 5 + day.day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

std::int64_t floor_to(std::int64_t value, std::int64_t width, std::int64_t origin) {
  const std::int64_t offset = (value - origin) % width;
  return value - offset - (offset < 0 ? width : 0);
}

std::optional<std::int64_t> add(std::int64_t time_ms, const Interval& interval) {
  static const std::int64_t kFirstMs = epoch_day({kYearMin, 1, 1}) * kDayMs;
  static const std::int64_t kEndMs = epoch_day({kYearMax + 1, 1, 1}) * kDayMs;
  const std::int64_t day_begin = floor_to(time_ms, kDayMs, 0);
  CalendarDay day = calendar_day(day_begin / kDayMs);
  const std::int64_t month = day.year * 12 + day.month - 1 + interval.months;
  day.year = floor_to(month, 12, 0) / 12;
  if (day.year < kYearMin || day.year > kYearMax) return std::nullopt;
  day.month = static_cast<int>(month - day.year * 12) + 1;
  day.day = std::min(day.day, month_days(day.year, day.month));
  const std::int64_t sum = epoch_day(day) * kDayMs + (time_ms - day_begin) + interval.ms;
  if (sum < kFirstMs || sum >= kEndMs) return std::nullopt;
  return sum;
}

std::int64_t month_floor(std::int64_t time_ms, std::int64_t months) {
  const CalendarDay day = calendar_day(floor_to(time_ms, kDayMs, 0) / kDayMs);
  const std::int64_t first = floor_to(day.year * 12 + day.month - 1, months, 0);
  const std::int64_t year = floor_to(first, 12, 0) / 12;
  return epoch_day({year, static_cast<int>(first - year * 12) + 1, 1}) * kDayMs;
}

std::string iso_time(std::int64_t time_ms) {
  const std::int64_t begin = floor_to(time_ms, kDayMs, 0);
  const CalendarDay day = calendar_day(begin / kDayMs);
  const auto clock = static_cast<int>(time_ms - begin);
  std::array<char, 64> text{};
  int size = std::snprintf(text.data(), text.size(), "%04lld-%02d-%02dT%02d:%02d:%02d",
                           static_cast<long long>(day.year), day.month, day.day,
                           clock / static_cast<int>(kHourMs),
                           clock / static_cast<int>(kMinuteMs) % 60, clock / 1000 % 60);
  std::string out(text.data(), static_cast<std::size_t>(size));
  if (clock % 1000 != 0) {
    size = std::snprintf(text.data(), text.size(), ".%03d", clock % 1000);
    out.append(text.data(), static_cast<std::size_t>(size));
  }
  return out + "Z";
}

}  // namespace kpi::query
