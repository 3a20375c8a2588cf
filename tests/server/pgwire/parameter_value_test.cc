#include "server/pgwire/parameter_value.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "kpi/limits.h"
#include "server/pgwire/frontend_extended.h"
#include "server/pgwire/wire_types.h"
#include "tests/server/pgwire/extended_messages.h"

namespace kpi::server::pgwire {
namespace {

using query::Value;
using std::string_literals::operator""s;

Value value(std::uint32_t type, bool binary, std::string_view bytes) {
  const auto read = parameter_value(type, binary, bytes);
  EXPECT_TRUE(read.ok()) << read.error().message;
  return read.ok() ? read.value() : Value("not read");
}

TEST(ParameterValueTest, TextsAreReadByTheirType) {
  EXPECT_EQ(value(oid::kInt4, false, " -12 "), Value(std::int64_t{-12}));
  EXPECT_EQ(value(oid::kInt2, false, "32767"), Value(std::int64_t{32767}));
  EXPECT_EQ(value(oid::kInt8, false, "-9223372036854775808"), Value(INT64_MIN));
  EXPECT_EQ(value(oid::kFloat8, false, "1e3"), Value(1000.0));
  EXPECT_EQ(value(oid::kNumeric, false, "95"), Value(std::int64_t{95}));
  EXPECT_EQ(value(oid::kNumeric, false, "0.95"), Value(0.95));
  EXPECT_EQ(value(oid::kBool, false, "TRUE"), Value(true));
  EXPECT_EQ(value(oid::kBool, false, "off"), Value(false));
  EXPECT_EQ(value(oid::kVarchar, false, "it's"), Value("it's"));
  EXPECT_EQ(value(oid::kTimestamptz, false, "2026-11-22 09:00+01"), Value("2026-11-22 09:00+01"));
}

TEST(ParameterValueTest, BinaryValuesAreReadByTheirType) {
  EXPECT_EQ(value(oid::kInt2, true, "\xff\xfe"s), Value(std::int64_t{-2}));
  EXPECT_EQ(value(oid::kInt4, true, "\x80\0\0\0"s), Value(std::int64_t{INT32_MIN}));
  EXPECT_EQ(value(oid::kInt8, true, "\0\0\0\0\0\0\1\0"s), Value(std::int64_t{256}));
  EXPECT_EQ(value(oid::kFloat4, true, "\x3f\0\0\0"s), Value(0.5));
  EXPECT_EQ(value(oid::kFloat8, true, "\xbf\xf0\0\0\0\0\0\0"s), Value(-1.0));
  EXPECT_EQ(value(oid::kBool, true, "\1"s), Value(true));
  EXPECT_EQ(value(oid::kText, true, "h\xc3\xa4"), Value("h\xc3\xa4"));
  EXPECT_EQ(value(oid::kTimestamptz, true, "\0\0\0\0\0\0\0\0"s), Value("2000-01-01 00:00:00+00"));
  // A microsecond before 2000 belongs to the last millisecond of 1999.
  EXPECT_EQ(value(oid::kTimestamp, true, std::string(8, '\xff')),
            Value("1999-12-31 23:59:59.999+00"));
  EXPECT_EQ(value(oid::kDate, true, "\0\0\0\1"s), Value("2000-01-02 00:00:00+00"));
  EXPECT_EQ(value(oid::kInterval, true, "\0\0\0\0\0\x0f\x42\x40\0\0\0\2\xff\xff\xff\xff"s),
            Value("-1 mons 2 days 1000 ms"));
}

// Count of digits of base 10000, weight of the first, sign, decimals; the digits.
std::string numeric(int weight, unsigned sign, const std::vector<unsigned>& digits) {
  std::string bytes = u16(digits.size()) + u16(static_cast<unsigned>(weight) & 0xFFFF) + u16(sign);
  bytes += u16(4);
  for (const unsigned digit : digits) bytes += u16(digit);
  return bytes;
}

TEST(ParameterValueTest, NumericIsReadExactly) {
  const auto read = [](const std::string& bytes) { return value(oid::kNumeric, true, bytes); };
  EXPECT_EQ(read(numeric(0, 0, {})), Value(std::int64_t{0}));
  EXPECT_EQ(read(numeric(0, 0, {105})), Value(std::int64_t{105}));
  EXPECT_EQ(read(numeric(1, 0x4000, {12, 3456})), Value(std::int64_t{-123'456}));
  EXPECT_EQ(read(numeric(2, 0, {1})), Value(std::int64_t{100'000'000}));
  EXPECT_EQ(read(numeric(0, 0, {105, 2500})), Value(105.25));
  EXPECT_EQ(read(numeric(0, 0, {105, 0})), Value(std::int64_t{105}));
  EXPECT_EQ(read(numeric(-1, 0, {9500})), Value(0.95));
  EXPECT_EQ(read(numeric(-2, 0x4000, {1})), Value(-1e-8));
  EXPECT_EQ(read(numeric(70, 0, {5})), Value(5e280));
  for (const std::string& bytes :
       {""s, numeric(0, 0xC000, {}), numeric(0, 0xD000, {}), numeric(0, 0, {10'000}),
        numeric(81, 0, {1}), numeric(-81, 0, {1}), numeric(0, 0, {1}) + "x",
        "\0\5"s + u16(0) + u16(0)}) {
    EXPECT_FALSE(parameter_value(oid::kNumeric, true, bytes).ok());
  }
}

TEST(ParameterValueTest, OutOfRangeAndOfWrongSizeIsRefused) {
  for (const auto& [type, text] :
       std::vector<std::pair<std::uint32_t, const char*>>{{oid::kInt2, "32768"},
                                                          {oid::kInt4, "2147483648"},
                                                          {oid::kInt8, "9223372036854775808"},
                                                          {oid::kInt4, ""},
                                                          {oid::kInt4, "1.5"},
                                                          {oid::kInt4, "1 2"},
                                                          {oid::kFloat8, "abc"},
                                                          {oid::kFloat8, ""},
                                                          {oid::kBool, "maybe"},
                                                          {oid::kBool, ""},
                                                          {oid::kNumeric, "1e"}}) {
    EXPECT_FALSE(parameter_value(type, false, text).ok()) << type << " " << text;
  }
  for (const std::uint32_t type :
       {oid::kInt2, oid::kInt4, oid::kInt8, oid::kFloat4, oid::kFloat8, oid::kBool,
        oid::kTimestamptz, oid::kTimestamp, oid::kDate, oid::kInterval}) {
    for (const std::size_t size : {0U, 3U, 9U}) {
      EXPECT_FALSE(parameter_value(type, true, std::string(size, 'x')).ok()) << type << " " << size;
    }
  }
  EXPECT_FALSE(parameter_value(oid::kText, false, "a\0b"s).ok());
  EXPECT_FALSE(parameter_value(oid::kTimestamptz, true, "\x7f" + std::string(7, '\xff')).ok());
  EXPECT_FALSE(parameter_value(oid::kTimestamptz, true, "\x80" + std::string(7, '\0')).ok());
  EXPECT_FALSE(parameter_value(oid::kText, false, "a\xff").ok());
  EXPECT_FALSE(parameter_value(oid::kVarchar, true, "\xc3").ok());
  constexpr std::uint32_t kPoint = 600;
  EXPECT_EQ(parameter_value(kPoint, true, "xx").error().code, ErrorCode::kUnsupported);
}

// What the client reads in one format is what it reads in the other.
TEST(ParameterValueTest, BinaryResultsAreThoseShown) {
  std::string out;
  append_binary(out, Value(0.123456789), query::Type::kFloat8);
  EXPECT_EQ(value(oid::kFloat8, true, out), Value(0.1235));
  out.clear();
  append_binary(out, Value(std::int64_t{1'795'305'600'123}), query::Type::kTimestamp);
  EXPECT_EQ(value(oid::kTimestamptz, true, out), Value("2026-11-22 00:00:00.123+00"));
  out.clear();
  append_binary(out, Value(std::numeric_limits<double>::infinity()), query::Type::kFloat8);
  EXPECT_EQ(value(oid::kFloat8, true, out), Value(std::numeric_limits<double>::infinity()));
  out.clear();
  append_binary(out, Value(std::int64_t{-5}), query::Type::kInt8);
  EXPECT_EQ(value(oid::kInt8, true, out), Value(std::int64_t{-5}));
}

TEST(FrontendExtendedTest, CountsAndLengthsAreChecked) {
  const auto body = [](const std::string& message) { return message.substr(5); };
  const std::string bind = body(bind_message("p", "s", {"a", std::nullopt}, {1}, {0, 1}));
  ASSERT_TRUE(decode_bind(bind).ok());
  EXPECT_EQ(decode_bind(bind).value().parameters.size(), 2U);
  EXPECT_EQ(decode_bind(bind).value().parameters[0], "a");
  EXPECT_EQ(decode_bind(bind).value().parameters[1], std::nullopt);
  const std::string parse = body(parse_message("s", "SELECT 1", {20}));
  const std::string target = body(describe_message('P', "p"));
  const std::string execute = body(execute_message("p", 5));
  for (std::size_t size = 0; size < bind.size(); ++size) {
    EXPECT_FALSE(decode_bind(bind.substr(0, size)).ok()) << size;
  }
  for (std::size_t size = 0; size < parse.size(); ++size) {
    EXPECT_FALSE(decode_parse(parse.substr(0, size)).ok()) << size;
  }
  for (std::size_t size = 0; size < target.size(); ++size) {
    EXPECT_FALSE(decode_target(target.substr(0, size)).ok()) << size;
  }
  for (std::size_t size = 0; size < execute.size(); ++size) {
    EXPECT_FALSE(decode_execute(execute.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(decode_bind(bind + "x").ok());
  EXPECT_FALSE(decode_parse(parse + "x").ok());
  EXPECT_FALSE(decode_target(target + "x").ok());
  EXPECT_FALSE(decode_target("Xp\0"s).ok());
  EXPECT_FALSE(decode_execute(execute + "x").ok());
  // A value longer than its message, whatever is added to the length.
  EXPECT_FALSE(decode_bind("\0\0\0\0\0\1\x7f\xff\xff\xff"s).ok());
  EXPECT_FALSE(decode_bind("\0\0\0\0\xff\xff"s).ok());
  EXPECT_EQ(decode_execute("\0\xff\xff\xff\xff"s).value().rows_max, 0U);
}

TEST(FrontendExtendedTest, AnyBytesAreTakenWithoutHarm) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> byte(0, 255), size(0, 64), small(0, 3);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(static_cast<std::size_t>(size(random)), '\0');
    for (char& c : bytes) c = static_cast<char>(small(random) == 0 ? byte(random) : small(random));
    (void)decode_bind(bytes).ok();
    (void)decode_parse(bytes).ok();
    (void)decode_target(bytes).ok();
    (void)decode_execute(bytes).ok();
    for (const std::uint32_t type : {16U, 20U, 25U, 701U, 1082U, 1184U, 1700U}) {
      (void)parameter_value(type, true, bytes).ok();
      (void)parameter_value(type, false, bytes).ok();
    }
  }
}

}  // namespace
}  // namespace kpi::server::pgwire
