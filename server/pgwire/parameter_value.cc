#include "server/pgwire/parameter_value.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "kpi/limits.h"
#include "server/pgwire/numeric_text.h"
#include "server/pgwire/wire_types.h"

namespace kpi::server::pgwire {
namespace {

using query::Value;

constexpr std::int64_t kPostgresEpochDays = kPostgresEpochMs / 86'400'000;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\r\v\f";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Error not_a(const char* type) {
  return {ErrorCode::kInvalidArgument, std::string("invalid input for a parameter of type ") + type,
          std::string("expected a value of type ") + type};
}

Error wrong_size(std::size_t size, const char* expected) {
  return {ErrorCode::kInvalidArgument, "incorrect binary data format in a parameter: " +
                                           std::to_string(size) + " bytes, expected " + expected};
}

std::optional<std::int64_t> read_integer(std::string_view text) {
  std::int64_t value = 0;
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

struct IntegerType {
  std::uint32_t oid;
  std::size_t size;
  const char* name;
};
constexpr std::array<IntegerType, 4> kIntegers = {{{oid::kInt2, 2, "int2"},
                                                   {oid::kInt4, 4, "int4"},
                                                   {oid::kInt8, 8, "int8"},
                                                   {oid::kOid, 4, "oid"}}};

Result<Value> integer_text(const IntegerType& type, std::string_view text) {
  const auto value = read_integer(trim(text));
  if (!value) return not_a(type.name);
  const int bits = static_cast<int>(type.size * 8);
  const std::int64_t max = type.oid == oid::kOid ? 0xFFFFFFFFLL
                           : bits == 64          ? std::numeric_limits<std::int64_t>::max()
                                                 : (std::int64_t{1} << (bits - 1)) - 1;
  const std::int64_t min = type.oid == oid::kOid ? 0 : -max - 1;
  if (*value < min || *value > max) return not_a(type.name);
  return Value(*value);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  return value;
}

Result<Value> integer_binary(const IntegerType& type, std::string_view bytes) {
  if (bytes.size() != type.size) {
    return wrong_size(bytes.size(), std::to_string(type.size).c_str());
  }
  const std::uint64_t raw = big_endian(bytes);
  if (type.oid == oid::kOid) return Value(static_cast<std::int64_t>(raw));
  const int unused = static_cast<int>(64 - 8 * type.size);
  return Value(static_cast<std::int64_t>(raw << unused) >> unused);
}

// Only what the text names without doubt, as PostgreSQL has it.
Result<Value> truth_text(std::string_view text) {
  std::string folded(trim(text));
  std::transform(folded.begin(), folded.end(), folded.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const char* yes : {"t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"}) {
    if (folded == yes) return Value(true);
  }
  for (const char* no : {"f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"}) {
    if (folded == no) return Value(false);
  }
  return not_a("bool");
}

Result<Value> number_text(std::string_view text, bool whole_stays_whole) {
  const std::string_view trimmed = trim(text);
  if (whole_stays_whole) {
    if (const auto whole = read_integer(trimmed)) return Value(*whole);
  }
  const auto number = read_number(trimmed);
  if (!number) return not_a(whole_stays_whole ? "numeric" : "float8");
  return Value(*number);
}

Result<Value> number_binary(std::string_view bytes) {
  if (bytes.size() == 4) {
    const auto bits = static_cast<std::uint32_t>(big_endian(bytes));
    float value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    return Value(static_cast<double>(value));
  }
  const std::uint64_t bits = big_endian(bytes);
  double value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return Value(value);
}

// Whole milliseconds, rounded down; written as the literal that it would have been.
Result<Value> time_literal(std::int64_t ms) {
  if (ms < 0 || ms > kTimeMsMax) {
    return Error{ErrorCode::kInvalidArgument,
                 "a time in a parameter is out of range: expected 1970 to 2149"};
  }
  return Value(query::to_text(Value(ms), query::Type::kTimestamp));
}

Result<Value> time_binary(std::string_view bytes) {
  if (bytes.size() != 8) return wrong_size(bytes.size(), "8");
  const auto micros = static_cast<std::int64_t>(big_endian(bytes));
  const std::int64_t ms = micros / 1000 - (micros % 1000 < 0 ? 1 : 0);
  if (ms > kTimeMsMax) return time_literal(-1);
  return time_literal(ms + kPostgresEpochMs);
}

Result<Value> date_binary(std::string_view bytes) {
  if (bytes.size() != 4) return wrong_size(bytes.size(), "4");
  const auto days = static_cast<std::int32_t>(big_endian(bytes));
  return time_literal((days + kPostgresEpochDays) * 86'400'000);
}

// Microseconds, days and months, written as the literal that it would have been.
Result<Value> interval_binary(std::string_view bytes) {
  if (bytes.size() != 16) return wrong_size(bytes.size(), "16");
  const auto micros = static_cast<std::int64_t>(big_endian(bytes.substr(0, 8)));
  const auto days = static_cast<std::int32_t>(big_endian(bytes.substr(8, 4)));
  const auto months = static_cast<std::int32_t>(big_endian(bytes.substr(12)));
  return Value(std::to_string(months) + " mons " + std::to_string(days) + " days " +
               std::to_string(micros / 1000) + " ms");
}

Result<Value> text_value(std::string_view bytes) {
  if (!simdjson::validate_utf8(bytes.data(), bytes.size())) {
    return Error{ErrorCode::kInvalidArgument, "a text in a parameter is not UTF-8"};
  }
  if (bytes.find('\0') != std::string_view::npos) {
    return Error{ErrorCode::kInvalidArgument, "a text in a parameter holds a zero byte"};
  }
  return Value(std::string(bytes));
}

Result<Value> from_text(std::uint32_t type, std::string_view text) {
  for (const IntegerType& integer : kIntegers) {
    if (integer.oid == type) return integer_text(integer, text);
  }
  if (type == oid::kFloat4 || type == oid::kFloat8) return number_text(text, false);
  if (type == oid::kNumeric) return number_text(text, true);
  if (type == oid::kBool) return truth_text(text);
  return text_value(text);
}

Result<Value> from_binary(std::uint32_t type, std::string_view bytes) {
  for (const IntegerType& integer : kIntegers) {
    if (integer.oid == type) return integer_binary(integer, bytes);
  }
  switch (type) {
    case oid::kFloat4:
      return bytes.size() == 4 ? number_binary(bytes) : wrong_size(bytes.size(), "4");
    case oid::kFloat8:
      return bytes.size() == 8 ? number_binary(bytes) : wrong_size(bytes.size(), "8");
    case oid::kNumeric: {
      const auto text = numeric_text(bytes);
      return text ? number_text(*text, true) : not_a("numeric");
    }
    case oid::kBool:
      if (bytes.size() != 1) return wrong_size(bytes.size(), "1");
      return Value(bytes[0] != '\0');
    case oid::kTimestamp:
    case oid::kTimestamptz:
      return time_binary(bytes);
    case oid::kDate:
      return date_binary(bytes);
    case oid::kInterval:
      return interval_binary(bytes);
    case oid::kUnspecified:
    case oid::kText:
    case oid::kVarchar:
    case oid::kBpchar:
    case oid::kName:
    case oid::kUnknown:
      return text_value(bytes);
    default:
      return Error{ErrorCode::kUnsupported,
                   "parameters of the type with OID " + std::to_string(type) +
                       " are not understood in binary format",
                   "bind the value as text, or as text, int8, float8, bool or timestamptz"};
  }
}

}  // namespace

std::uint32_t parameter_oid(query::Type inferred) { return wire_type(inferred).oid; }

Result<query::Value> parameter_value(std::uint32_t type, bool binary, std::string_view bytes) {
  return binary ? from_binary(type, bytes) : from_text(type, bytes);
}

}  // namespace kpi::server::pgwire
