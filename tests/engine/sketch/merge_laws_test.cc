// What lets RocksDB regroup merge operands at will: the bytes depend on the multiset alone.
#include <gtest/gtest.h>

#include "engine/base/bytes.h"
#include "tests/engine/sketch/sketches.h"

namespace kpi {
namespace {

class SketchLaws : public testing::TestWithParam<std::uint64_t> {  // The parameter is the seed.
 protected:
  // 0..about 60 values of one spread; every third multiset is weighted.
  Multiset values() {
    const std::size_t sizes[] = {0, 1, 2, 8, 16, 17, 60, 900};
    return draw(rng_, kSpreads[rng_() % std::size(kSpreads)], sizes[rng_() % std::size(sizes)],
                rng_() % 3 == 0);
  }
  static Sketch merge(const Sketch& left, const Sketch& right) {
    SketchBuilder builder;
    builder.merge(left);
    EXPECT_TRUE(builder.merge_bytes(right.bytes()).ok());
    return builder.build();
  }
  std::mt19937_64 rng_{GetParam()};
};

TEST_P(SketchLaws, MergeOfPartsIsTheSketchOfTheWhole) {
  const Multiset x = values(), y = values();
  Multiset both = x;
  both.insert(both.end(), y.begin(), y.end());
  std::shuffle(both.begin(), both.end(), rng_);
  EXPECT_EQ(merge(summarise(x), summarise(y)), summarise(both));
}

TEST_P(SketchLaws, MergeIsAssociativeAndCommutativeWithNothingAsIdentity) {
  const Sketch a = summarise(values()), b = summarise(values()), c = summarise(values());
  EXPECT_EQ(merge(merge(a, b), c), merge(a, merge(b, c)));
  EXPECT_EQ(merge(a, b), merge(b, a));
  EXPECT_EQ(merge(Sketch{}, a), a);
  EXPECT_EQ(merge(a, Sketch{}), a);
}

TEST_P(SketchLaws, AnyTreeOverAnyPartsGivesTheSameBytes) {
  Multiset whole;
  std::vector<Sketch> parts(1 + rng_() % 12);
  for (Sketch& part : parts) {
    const Multiset some = values();
    whole.insert(whole.end(), some.begin(), some.end());
    part = summarise(some);
  }
  while (parts.size() > 1) {  // Any two, in any order, sometimes with loose values between.
    std::shuffle(parts.begin(), parts.end(), rng_);
    SketchBuilder builder;
    builder.merge(parts.back());
    parts.pop_back();
    if (rng_() % 2 == 0) {
      const auto [value, weight] = draw(rng_, Spread::kTimings, 1, rng_() % 2 == 0)[0];
      builder.add(value, weight);
      whole.push_back({value, weight});
    }
    builder.merge(parts.back());
    parts.back() = builder.build();
  }
  EXPECT_EQ(parts[0], summarise(whole));
}

TEST_P(SketchLaws, EncodingsDecode) {
  for (int i = 0; i < 10; ++i) {
    const Sketch sketch = summarise(values());
    const auto decoded = Sketch::decode(sketch.bytes());
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(decoded.value(), sketch);
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, SketchLaws, testing::Range<std::uint64_t>(0, 60));

TEST(SketchMerge, IsNotIdempotent) {  // So a retry must be deduplicated before it is a merge.
  const Sketch one = summarise({{1, 1000}});
  SketchBuilder builder;
  builder.merge(one);
  builder.merge(one);
  EXPECT_NE(builder.build(), one);
}

TEST(SketchMerge, DamageLeavesTheBuilderUnchanged) {
  std::mt19937_64 rng(5);
  const Sketch small = summarise(draw(rng, Spread::kTimings, 30, false));
  std::string bad = summarise(draw(rng, Spread::kWide, 300, true)).bytes();
  bad.pop_back();
  SketchBuilder builder;
  builder.merge(small);
  EXPECT_EQ(builder.merge_bytes(bad).error().code, ErrorCode::kCorruption);
  EXPECT_EQ(builder.build(), small);
}

TEST(SketchMerge, RefusesMoreWeightThanASketchCounts) {
  // One value less than the limit of 2^62 thousandths, plain, all of them zeros.
  const std::uint64_t most = sketch::kTotalWeightMax / 1000;
  std::string bytes;
  append_varint(bytes, most << 1);
  bytes += std::string(3, '\0');
  ASSERT_TRUE(Sketch::decode(bytes).ok());
  SketchBuilder builder;
  ASSERT_TRUE(builder.merge_bytes(bytes).ok());
  EXPECT_EQ(builder.merge_bytes(bytes).error().code, ErrorCode::kCorruption);
  EXPECT_EQ(builder.build().bytes(), bytes);
  bytes.clear();
  append_varint(bytes, (most + 1) << 1);
  EXPECT_FALSE(Sketch::decode(bytes + std::string(3, '\0')).ok());
}

}  // namespace
}  // namespace kpi
