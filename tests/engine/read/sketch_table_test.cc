#include "engine/read/sketch_table.h"

#include <gtest/gtest.h>

#include <random>

namespace kpi {
namespace {

class SketchTableTest : public testing::TestWithParam<std::uint64_t> {  // The seed.
 protected:
  std::vector<std::uint32_t> values() {
    std::vector<std::uint32_t> values(1 + rng_() % (rng_() % 5 == 0 ? 300 : 12));
    for (auto& value : values) value = static_cast<std::uint32_t>(rng_() % 5000);
    return values;
  }
  std::mt19937_64 rng_{GetParam()};
};

// A tiny arena, so that it is compacted again and again; hot and cold groups.
TEST_P(SketchTableTest, EqualsOneBuilderASketch) {
  constexpr std::size_t kGroups = 1500, kMeasures = 2;
  SketchTable table(kMeasures, 4096);
  std::vector<SketchBuilder> builders(kGroups * kMeasures);
  for (int i = 0; i < 6000; ++i) {
    const auto group = static_cast<std::uint32_t>(rng_() % 3 == 0 ? rng_() % 4 : rng_() % kGroups);
    const std::size_t measure = rng_() % kMeasures;
    const std::vector<std::uint32_t> some = values();
    std::vector<std::uint32_t> weights;
    if (rng_() % 4 == 0) weights.assign(some.size(), 1500);
    SketchBuilder piece;
    for (const std::uint32_t value : some) {
      const std::uint32_t weight = weights.empty() ? 1000 : 1500;
      piece.add(value, weight);
      builders[group * kMeasures + measure].add(value, weight);
    }
    const Status added = rng_() % 2 == 0 ? table.add_values(group, measure, some, weights)
                                         : table.add_slice(group, measure, piece.build().bytes());
    ASSERT_TRUE(added.ok()) << added.error().message;
  }
  const auto sketches = table.build(kGroups).value();
  for (std::size_t at = 0; at < builders.size(); ++at) {
    EXPECT_EQ(sketches[at % kMeasures][at / kMeasures], builders[at].build());
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, SketchTableTest, testing::Range<std::uint64_t>(0, 4));

TEST(SketchTable, DamagedBytesAreCorruption) {
  SketchTable table(1);
  ASSERT_TRUE(table.add_slice(0, 0, "\xFF\xFF\xFF\xFF").ok());  // Looked at in the end.
  const auto built = table.build(1);
  ASSERT_FALSE(built.ok());
  EXPECT_EQ(built.error().code, ErrorCode::kCorruption);
}

TEST(SketchTable, GroupsWithoutValuesHaveEmptySketches) {
  SketchTable table(2);
  const auto sketches = table.build(3).value();
  ASSERT_EQ(sketches.size(), 2U);
  ASSERT_EQ(sketches[1].size(), 3U);
  EXPECT_TRUE(sketches[1][2].empty());
}

}  // namespace
}  // namespace kpi
