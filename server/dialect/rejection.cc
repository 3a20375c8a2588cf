#include "server/dialect/rejection.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "kpi/limits.h"

namespace kpi::server {

Rejection refuse(Reason reason, std::string_view field, std::string_view expected) {
  std::string detail(field.substr(0, kDetailFieldBytesMax));
  std::replace_if(
      detail.begin(), detail.end(), [](char c) { return c < 0x20 || c == 0x7F; }, '?');
  detail += ": ";
  detail += expected;
  return {reason, std::move(detail)};
}

Rejection negative(std::string_view field) {
  return refuse(Reason::kNegative, field, "expected an integer that is not negative");
}
Rejection not_integer(std::string_view field) {
  return refuse(Reason::kNotInteger, field, "expected an integer");
}
Rejection out_of_range(std::string_view field, std::uint64_t max) {
  return refuse(Reason::kOutOfRange, field, "expected at most " + std::to_string(max));
}

Check parse_integer(std::string_view text, std::string_view field, std::uint64_t max,
                    std::uint64_t& value) {
  const bool minus = !text.empty() && text[0] == '-';
  const std::string_view digits = minus ? text.substr(1) : text;
  const bool all_digits = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  if (!all_digits || (digits[0] == '0' && digits.size() > 1)) return not_integer(field);
  if (minus) return negative(field);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || value > max) return out_of_range(field, max);
  return std::nullopt;
}

Check check_name(std::string_view name, std::string_view field, std::size_t bytes_max) {
  if (name.empty() || name.size() > bytes_max) {
    return refuse(Reason::kNameInvalid, field,
                  "expected 1 to " + std::to_string(bytes_max) + " bytes");
  }
  const bool control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (control || !simdjson::validate_utf8(name.data(), name.size())) {
    return refuse(Reason::kNameInvalid, field, "expected UTF-8 without control characters");
  }
  return std::nullopt;
}

std::int64_t time_ms_max(std::int64_t arrival_ms) {
  return std::min(arrival_ms + kClockSkewMsMax, kTimeMsMax);
}

Check check_time(std::int64_t time_ms, std::int64_t arrival_ms, std::string_view field) {
  if (time_ms >= 0 && time_ms <= time_ms_max(arrival_ms)) return std::nullopt;
  return refuse(Reason::kTimeOutOfRange, field,
                "expected ms since 1970, at most 24 hours ahead of now");
}

Check weight_of_sample_rate(double rate, std::uint32_t& weight) {
  const double thousandths = std::round(static_cast<double>(kWeightMin) / rate);
  if (!(rate > 0) || !(rate <= 1) || !(thousandths <= static_cast<double>(kWeightMax))) {
    return refuse(Reason::kOutOfRange, "sample_rate", "expected a number from 0.00001 to 1");
  }
  weight = static_cast<std::uint32_t>(thousandths);
  return std::nullopt;
}

}  // namespace kpi::server
