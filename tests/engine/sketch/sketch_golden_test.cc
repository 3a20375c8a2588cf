// Pins the bytes of engine/FORMAT.md: a failure here means that stored sketches cannot be read.
#include <gtest/gtest.h>

#include <string>

#include "tests/engine/sketch/sketches.h"

namespace kpi {
namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    text += kDigits[value >> 4];
    text += kDigits[value & 15];
  }
  return text;
}

Multiset ladder(std::uint32_t count, std::uint32_t step, std::uint32_t weight) {
  Multiset values;
  for (std::uint32_t i = 0; i < count; ++i) values.push_back({200 + i * step, weight});
  return values;
}

TEST(SketchGolden, Exact) {
  EXPECT_EQ(hex(summarise({{2800, 1000}}).bytes()), "02f015");
  EXPECT_EQ(hex(summarise({{9, 1000}, {5, 1000}, {300, 1000}, {5, 1000}}).bytes()), "08050004a302");
}

TEST(SketchGolden, ExactWeighted) {
  EXPECT_EQ(hex(summarise({{5, 2000}, {5, 1000}, {300, 1000}}).bytes()), "0705e80700d00fa702e807");
}

TEST(SketchGolden, Positions) {
  EXPECT_EQ(hex(summarise(ladder(20, 37, 1000)).bytes()),
            "28c801bf05f636089148524a5505571c054d21d63e");
}

TEST(SketchGolden, PositionsWeighted) {
  EXPECT_EQ(hex(summarise(ladder(20, 37, 10'000)).bytes()),
            "29904e14c801bf05e0e2c221089148524a5505571c054d21d63e");
}

TEST(SketchGolden, Cumulative) {
  EXPECT_EQ(hex(summarise(ladder(60, 1, 1000)).bytes()),
            "78c8013bea0d55aaaa54952a55a954a9542aa502");
}

TEST(SketchGolden, CumulativeWeighted) {
  Multiset values = ladder(20, 3, 1000);
  values[3].weight = 1001;
  EXPECT_EQ(hex(summarise(values).bytes()),
            "2901a19c01c8013999e522380c87c370180ec3310c8761380cc300e7e7e7cfcfb7b7b7a0a0a0"
            "888870707058584040402828101010f8f8e0e0c8c8c8b0b09898808080686850503838");
}

TEST(SketchGolden, OneBin) {
  EXPECT_EQ(hex(summarise(Multiset(1000, {777, 1000})).bytes()), "d00f89060000");
  EXPECT_EQ(hex(summarise(Multiset(1000, {777, 5000})).bytes()), "d10fc096b1020189060000");
}

}  // namespace
}  // namespace kpi
