#include <charconv>
#include <cmath>

#include "kpi/assert.h"
#include "kpi/query.h"
#include "query/render/time_text.h"

namespace kpi::query {
namespace {

constexpr int kDecimalsMax = 4;
constexpr std::int64_t kDecimalScale = 10'000;
constexpr double kScaledBelow = 1e9;
constexpr double kDecimalsFrom = 0.001;  // Below, four decimals would leave one digit or none.
constexpr double kNoiseBelow = 1e-12;    // What sums of doubles leave of a 0.
constexpr int kSmallDigits = 2;
constexpr double kFixedBelow = 1e15;  // Larger numbers are written with an exponent.

// Writes `value`, 0 or more, in exactly `digits` digits.
char* put_digits(char* out, std::int64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + digits;
}

// Numbers below kScaledBelow have all their decimals in a double's 53 bits when they are scaled:
// integer arithmetic is exact enough, and several times faster than the general way.
std::string scaled_text(double value) {
  const std::int64_t scaled = std::llround(value * kDecimalScale);
  char buffer[32];
  char* end = buffer;
  if (scaled < 0) *end++ = '-';
  const std::int64_t magnitude = std::abs(scaled);
  end = std::to_chars(end, buffer + sizeof(buffer), magnitude / kDecimalScale).ptr;
  if (const std::int64_t decimals = magnitude % kDecimalScale; decimals != 0) {
    *end++ = '.';
    end = put_digits(end, decimals, kDecimalsMax);
    while (end[-1] == '0') --end;
  }
  return {buffer, end};
}

// A share just below 1 is not 1: as many decimals as show what it lacks in two digits.
std::string share_text(double value) {
  const int decimals = static_cast<int>(std::ceil(-std::log10(1 - value))) + kSmallDigits - 1;
  char buffer[64];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value,
                                         std::chars_format::fixed, decimals)
                               .ptr);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char buffer[64];
  char* const limit = buffer + sizeof(buffer);
  if (const double size = std::abs(value); size >= kNoiseBelow && size < kDecimalsFrom) {
    constexpr auto kGeneral = std::chars_format::general;
    return {buffer, std::to_chars(buffer, limit, value, kGeneral, kSmallDigits).ptr};
  }
  if (1 - value >= kNoiseBelow && 1 - value < kDecimalsFrom) return share_text(value);
  if (std::abs(value) < kScaledBelow) return scaled_text(value);
  if (std::abs(value) >= kFixedBelow) return {buffer, std::to_chars(buffer, limit, value).ptr};
  std::string text(buffer,
                   std::to_chars(buffer, limit, value, std::chars_format::fixed, kDecimalsMax).ptr);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

CivilTime civil_time(std::int64_t time_ms) {
  std::int64_t days = time_ms / 86'400'000, rest = time_ms % 86'400'000;
  if (rest < 0) {
    rest += 86'400'000;
    --days;
  }
  // Days since 0000-03-01, in eras of 400 years: the months' lengths become a line with a slope.
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * of_year + 2) / 153;
  CivilTime time;
  time.day = static_cast<int>(of_year - (153 * march_month + 2) / 5 + 1);
  time.month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  time.year = year_of_era + era * 400 + (time.month <= 2 ? 1 : 0);
  time.hour = static_cast<int>(rest / 3'600'000);
  time.minute = static_cast<int>(rest / 60'000 % 60);
  time.second = static_cast<int>(rest / 1000 % 60);
  time.millisecond = static_cast<int>(rest % 1000);
  return time;
}

std::string time_text(std::int64_t time_ms, char separator, const char* zone) {
  const CivilTime time = civil_time(time_ms);
  char buffer[48];
  char* end = buffer;
  if (time.year >= 0 && time.year <= 9999) {
    end = put_digits(end, time.year, 4);
  } else {
    end = std::to_chars(end, buffer + 20, time.year).ptr;
  }
  const auto put = [&](char before, int value, int digits) {
    *end++ = before;
    end = put_digits(end, value, digits);
  };
  put('-', time.month, 2);
  put('-', time.day, 2);
  put(separator, time.hour, 2);
  put(':', time.minute, 2);
  put(':', time.second, 2);
  if (time.millisecond != 0) put('.', time.millisecond, 3);
  return std::string(buffer, end).append(zone);
}

std::string to_text(const Value& value, Type type) {
  KPI_ASSERT(!std::holds_alternative<std::monostate>(value));
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "t" : "f";
  const std::int64_t integer = std::get<std::int64_t>(value);
  return type == Type::kTimestamp ? time_text(integer, ' ', "+00") : std::to_string(integer);
}

}  // namespace kpi::query
