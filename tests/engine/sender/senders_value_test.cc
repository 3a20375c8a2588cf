#include "engine/cell/senders_value.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "engine/cell/value_envelope.h"
#include "engine/key/key.h"

namespace kpi {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(byte));
    text += digits;
  }
  return text;
}

ErrorCode code_of(std::string_view value) {
  const auto hours = decode_senders(value);
  return hours.ok() ? ErrorCode::kNotFound : hours.error().code;
}

// A value of these payload bytes, its checksum right.
std::string sealed(std::string_view payload) {
  std::string value;
  begin_value(&value);
  value.append(payload);
  seal_value(&value);
  return value;
}

// Pinned: engine/FORMAT.md.
TEST(SendersValue, HasTheseBytes) {
  const SenderHours hours = {{0, {10, 9}}, {1, {300, 300}}, {23, {1, 0}}};
  const std::string value = encode_senders(hours);
  EXPECT_EQ(hex(std::string_view(value).substr(5)), "000a0100ac0200150101");
  EXPECT_EQ(value, sealed(std::string_view("\x00\x0a\x01\x00\xac\x02\x00\x15\x01\x01", 10)));
  const auto decoded = decode_senders(value);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded.value(), hours);
  EXPECT_EQ(hex(encode(CellKey{1, CellWidth::kHour, CellKind::kSenders, 2, 3}).view()),
            "000101050000000200000003");
}

TEST(SendersValue, IsNotBelievedWhenDamaged) {
  const std::string value = encode_senders({{3, {10, 9}}, {20, {5, 5}}});
  for (std::size_t i = 0; i < value.size(); ++i) {
    std::string damaged = value;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    EXPECT_NE(code_of(damaged), ErrorCode::kNotFound) << i;
    EXPECT_NE(code_of(std::string_view(value).substr(0, i)), ErrorCode::kNotFound) << i;
  }
  using std::string_view_literals::operator""sv;
  for (const std::string_view payload :
       {""sv, "\x18\x01\x01"sv, "\x17\x01\x01\x00\x01\x01"sv, "\x00\x00\x00"sv, "\x00\x01\x02"sv,
        "\x00\x01"sv, "\x00\xff\xff"sv}) {
    EXPECT_EQ(code_of(sealed(payload)), ErrorCode::kCorruption) << hex(payload);
  }
}

TEST(SendersValue, KeysAreOfHoursAnRpAndAPart) {
  const auto bytes = [](CellWidth width, std::uint32_t rp, std::uint32_t part) {
    return std::string(encode(CellKey{7, width, CellKind::kSenders, rp, part}).view());
  };
  EXPECT_TRUE(decode_cell_key(bytes(CellWidth::kHour, 1, 1)).ok());
  EXPECT_FALSE(decode_cell_key(bytes(CellWidth::kDay, 1, 1)).ok());
  EXPECT_FALSE(decode_cell_key(bytes(CellWidth::kMinute, 1, 1)).ok());
  EXPECT_FALSE(decode_cell_key(bytes(CellWidth::kHour, 0, 1)).ok());
  EXPECT_FALSE(decode_cell_key(bytes(CellWidth::kHour, 1, 0)).ok());
}

}  // namespace
}  // namespace kpi
