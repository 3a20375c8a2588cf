#include "engine/sketch/index.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kpi/sketch.h"

namespace kpi::sketch {
namespace {

double error_of(std::uint32_t value) {
  const std::uint32_t bin = bin_of(value);
  const double answer = representative(bin_lower(bin), bin_upper(bin));
  return value == 0 ? answer : std::abs(answer - value) / value;
}

TEST(SketchIndex, EveryTimingIsInItsBinWithinTheStatedError) {
  std::uint32_t before = 0;
  for (std::uint32_t value = 0; value <= 600'000; ++value) {
    const std::uint32_t bin = bin_of(value);
    ASSERT_GE(value, bin_lower(bin));
    ASSERT_LE(value, bin_upper(bin));
    ASSERT_LE(bin - before, 1U) << "a hole before " << value;
    ASSERT_LE(error_of(value), kSketchRelativeErrorMax) << value;
    before = bin;
  }
  EXPECT_EQ(bin_of(600'000), 1677U);
}

TEST(SketchIndex, EveryBinHoldsItsEndsAndTheNextBinBeginsAfterIt) {
  for (std::uint32_t bin = 0; bin < kBins; ++bin) {
    ASSERT_LE(bin_lower(bin), bin_upper(bin));
    ASSERT_EQ(bin_of(bin_lower(bin)), bin);
    ASSERT_EQ(bin_of(bin_upper(bin)), bin);
    ASSERT_LE(error_of(bin_lower(bin)), kSketchRelativeErrorMax) << bin;
    ASSERT_LE(error_of(bin_upper(bin)), kSketchRelativeErrorMax) << bin;
  }
  EXPECT_EQ(bin_upper(kBins - 1), 0xFFFFFFFFU);
}

TEST(SketchIndex, SmallValuesHaveABinOfTheirOwn) {
  for (std::uint32_t value = 0; value < kSketchExactBelow; ++value) {
    EXPECT_EQ(bin_lower(bin_of(value)), value);
    EXPECT_EQ(bin_upper(bin_of(value)), value);
  }
}

TEST(SketchIndex, BoundariesArePowersOfTwoToTheOver128) {
  std::size_t bin = bin_of(512);
  for (int i = 9 * 128; i < 32 * 128; ++i, ++bin) {
    const long double power = std::exp2(static_cast<long double>(i) / 128);
    EXPECT_EQ(bin_upper(static_cast<std::uint32_t>(bin)), static_cast<std::uint32_t>(power)) << i;
  }
}

class SketchIndexRandom : public testing::TestWithParam<std::uint64_t> {};
TEST_P(SketchIndexRandom, AnyValueIsInItsBinWithinTheStatedError) {
  std::mt19937_64 rng(GetParam());
  for (int i = 0; i < 20'000; ++i) {
    const auto value = static_cast<std::uint32_t>(rng() >> (32 + rng() % 32));
    ASSERT_GE(value, bin_lower(bin_of(value)));
    ASSERT_LE(value, bin_upper(bin_of(value)));
    ASSERT_LE(error_of(value), kSketchRelativeErrorMax) << value;
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, SketchIndexRandom, testing::Range<std::uint64_t>(0, 10));

}  // namespace
}  // namespace kpi::sketch
