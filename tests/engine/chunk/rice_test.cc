#include "engine/chunk/rice.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace kpi {
namespace {

using Values = std::vector<std::uint32_t>;

std::string encode(const Values& values) {
  std::string bytes;
  append_rice(values, &bytes);
  return bytes;
}

// False where the bytes are refused; the slice ends where the heap block ends.
bool decode(const std::string& bytes, std::size_t count, Values& values) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  ByteReader reader({exact.data(), exact.size()}), skipper = reader;
  values.resize(count);
  const bool sound = read_rice(reader, count, values.data());
  const bool skipped = skip_rice(skipper, count);
  EXPECT_TRUE(skipped || !sound);
  if (sound) {
    EXPECT_EQ(reader.position(), skipper.position());
  }
  return sound && reader.done();
}

void expect_round_trip(const Values& values) {
  const std::string bytes = encode(values);
  EXPECT_EQ(bytes.size(), RicePlan(values).bytes());
  Values decoded;
  ASSERT_TRUE(decode(bytes, values.size(), decoded));
  ASSERT_EQ(decoded, values);
}

TEST(Rice, EdgesRoundTrip) {
  expect_round_trip({0});
  expect_round_trip({0xFFFFFFFF});
  expect_round_trip({7, 7, 7});
  expect_round_trip({0, 0xFFFFFFFF});
  expect_round_trip({0xFFFFFFFF, 0xFFFFFFFE});
  expect_round_trip({0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

TEST(Rice, EqualValuesTakeTwoNumbers) { EXPECT_EQ(encode(Values(1000, 300)).size(), 3U); }

TEST(Rice, OneAbsurdValueDoesNotBlowUpAColumn) {
  Values values(400, 100);
  values[200] = 0xFFFFFFFF;
  EXPECT_LE(encode(values).size(), 400U * 4);
  expect_round_trip(values);
}

class RiceRandom : public testing::TestWithParam<std::uint64_t> {};
TEST_P(RiceRandom, ColumnsRoundTrip) {
  std::mt19937_64 rng(GetParam());
  for (int round = 0; round < 100; ++round) {
    Values values(1 + rng() % (round < 80 ? 40 : 2000));
    const auto shift = static_cast<int>(rng() % 33);
    const bool skewed = rng() % 2 == 0;
    for (auto& value : values) {
      const int extra = skewed ? static_cast<int>(rng() % 8) : 0;
      value = static_cast<std::uint32_t>((rng() & 0xFFFFFFFF) >> std::min(shift + extra, 32));
    }
    ASSERT_NO_FATAL_FAILURE(expect_round_trip(values));
    EXPECT_LT(RicePlan(values).unary, 4 * values.size());
  }
}

TEST_P(RiceRandom, TruncationsAreRefusedAndChangesStayInside) {
  std::mt19937_64 rng(GetParam());
  Values values(1 + rng() % 60), decoded;
  for (auto& value : values) value = static_cast<std::uint32_t>(rng() % 5000);
  const std::string bytes = encode(values);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(bytes.substr(0, size), values.size(), decoded));
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string bad = bytes;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << (bit % 8));
    decode(bad, values.size(), decoded);
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RiceRandom, testing::Range<std::uint64_t>(0, 20));

TEST(Rice, RefusesWhatNoEncoderWrites) {
  Values values;
  EXPECT_TRUE(decode(std::string("\x05\x00\x01\x05", 4), 2, values));  // 5, 6.
  EXPECT_EQ(values, (Values{5, 6}));
  EXPECT_FALSE(decode(std::string("\x05\x20\x01\x05", 4), 2, values)) << "k beyond 31";
  EXPECT_FALSE(decode(std::string("\x05\x00\x08\x01\x02", 5), 2, values)) << "Q of 4 n";
  EXPECT_FALSE(decode(std::string("\x05\x00\x01\x03", 4), 2, values)) << "Q beyond the last one";
  EXPECT_FALSE(decode(std::string("\x05\x00\x01\x0D", 4), 2, values)) << "a stray one";
  EXPECT_FALSE(decode(std::string("\xFF\xFF\xFF\xFF\x0F\x00\x01\x05", 8), 2, values)) << "33 bits";
}

}  // namespace
}  // namespace kpi
