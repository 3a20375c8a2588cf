#include "kpi/sketch.h"

#include <gtest/gtest.h>

#include "tests/engine/sketch/sketches.h"

namespace kpi {
namespace {

TEST(Sketch, OfNothingAnswersNothing) {
  const Sketch none = SketchBuilder().build();
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none, Sketch{});
  EXPECT_EQ(none.count(), 0U);
  EXPECT_EQ(none.weight(), 0U);
  EXPECT_FALSE(none.min() || none.max() || none.mean() || none.quantile(0.5));
  EXPECT_FALSE(none.fraction_at_most(1));
  EXPECT_TRUE(none.bins().empty());
  EXPECT_EQ(Sketch::decode("").value(), none);
}

TEST(Sketch, UpToSixteenValuesAreExactAndSeventeenAreNot) {
  Multiset values;
  for (std::uint32_t i = 0; i < kSketchExactValuesMax; ++i)
    values.push_back({100'001 + i * 7, 1000});
  EXPECT_EQ(summarise(values).quantile(0.5), 100'050);
  EXPECT_EQ(summarise(values).bins().size(), kSketchExactValuesMax);
  values.push_back({100'113, 1000});
  EXPECT_NE(summarise(values).quantile(0.5), 100'057);
  EXPECT_LT(summarise(values).bins().size(), kSketchExactValuesMax);
}

TEST(Sketch, OneDistinctValueIsExactHoweverOften) {
  for (const bool weighted : {false, true}) {
    Multiset values(1000, {54'321, weighted ? 7001U : 1000U});
    const Sketch sketch = summarise(values);
    EXPECT_EQ(sketch.quantile(0.37), 54'321);
    EXPECT_EQ(sketch.mean(), 54'321);
    EXPECT_EQ(sketch.bins().size(), 1U);
  }
}

TEST(Sketch, ABuilderIsEmptyAgainAfterBuild) {
  std::mt19937_64 rng(1);
  SketchBuilder builder;
  for (const std::size_t count : {3U, 40U, 5U, 2000U, 17U, 16U}) {
    for (const bool weighted : {true, false}) {
      const Multiset values = draw(rng, Spread::kAnything, count, weighted);
      for (const auto& [value, weight] : values) builder.add(value, weight);
      EXPECT_FALSE(builder.empty());
      EXPECT_EQ(builder.build(), summarise(values)) << count;
      EXPECT_TRUE(builder.empty());
    }
  }
}

TEST(Sketch, SumsBeyond64BitsAreExact) {
  SketchBuilder builder;
  Uint128 sum = 0;
  for (std::uint32_t i = 0; i < 100; ++i) {
    builder.add(0xFFFFFFFF - i, 0xFFFFFFFF);
    sum += static_cast<Uint128>(0xFFFFFFFF - i) * 0xFFFFFFFF;
  }
  ASSERT_GT(sum >> 64, 0U);
  const Sketch sketch = builder.build();
  EXPECT_TRUE(sketch.weighted_sum() == sum);
  EXPECT_EQ(sketch.weight(), 100ULL * 0xFFFFFFFF);
  EXPECT_EQ(Sketch::decode(sketch.bytes()).value(), sketch);
}

TEST(Sketch, AViewReadsWhatTheSketchSays) {
  std::mt19937_64 rng(2);
  const Sketch sketch = summarise(draw(rng, Spread::kTimings, 500, true));
  const SketchView view = SketchView::parse(sketch.bytes()).value();
  EXPECT_EQ(view.count(), sketch.count());
  EXPECT_EQ(view.quantile(0.99), sketch.quantile(0.99));
  EXPECT_EQ(view.fraction_at_most(3000), sketch.fraction_at_most(3000));
}

// Against sorted data, at every rank.
struct Case {
  std::uint64_t seed;
  Spread spread;
  bool weighted;
};
class SketchAgainstExact : public testing::TestWithParam<Case> {};

void expect_near(double answer, double exact) {
  ASSERT_LE(std::abs(answer - exact), exact * kSketchRelativeErrorMax) << exact;
}

TEST_P(SketchAgainstExact, TotalsAreExact) {
  std::mt19937_64 rng(GetParam().seed);
  for (const std::size_t count : {1U, 2U, 16U, 17U, 18U, 50U, 333U, 1500U, 6000U}) {
    const Multiset values = draw(rng, GetParam().spread, count, GetParam().weighted);
    const Sketch sketch = summarise(values);
    Uint128 sum = 0;
    for (const auto& each : values) sum += static_cast<Uint128>(each.value) * each.weight;
    EXPECT_EQ(sketch.count(), count);
    EXPECT_EQ(sketch.weight(), weight_of(values));
    EXPECT_TRUE(sketch.weighted_sum() == sum);
    EXPECT_EQ(sketch.min(), std::min_element(values.begin(), values.end())->value);
    EXPECT_EQ(sketch.max(), std::max_element(values.begin(), values.end())->value);
    std::uint64_t weight = 0;
    for (const auto& bin : sketch.bins()) weight += bin.weight;
    EXPECT_EQ(weight, weight_of(values));
  }
}

TEST_P(SketchAgainstExact, QuantilesAreNearAtEveryRank) {
  std::mt19937_64 rng(GetParam().seed);
  for (const std::size_t count : {1U, 7U, 16U, 17U, 18U, 64U, 400U, 2500U}) {
    Multiset values = draw(rng, GetParam().spread, count, GetParam().weighted);
    const Sketch sketch = summarise(values);
    std::sort(values.begin(), values.end());
    const std::uint64_t total = weight_of(values);
    std::uint64_t before = 0;
    for (const auto& [value, weight] : values) {
      // The middle of the ranks that this value has, so that 9 decimals hit it.
      const double q = (static_cast<double>(before) + static_cast<double>(weight) * 0.5) /
                       static_cast<double>(total);
      before += weight;
      ASSERT_NO_FATAL_FAILURE(expect_near(*sketch.quantile(q), value)) << count << " at " << q;
    }
    EXPECT_EQ(sketch.quantile(0), values.front().value);
    EXPECT_EQ(sketch.quantile(1), values.back().value);
  }
}

TEST_P(SketchAgainstExact, TheRankIsTheNearest) {
  if (GetParam().weighted) return;
  std::mt19937_64 rng(GetParam().seed);
  for (const std::size_t count : {20U, 1000U, 2500U}) {
    Multiset values = draw(rng, GetParam().spread, count, false);
    const Sketch sketch = summarise(values);
    std::sort(values.begin(), values.end());
    for (std::size_t rank = 1; rank <= count; ++rank) {  // Every count divides 1e9.
      const double q = static_cast<double>(rank) / static_cast<double>(count);
      ASSERT_NO_FATAL_FAILURE(expect_near(*sketch.quantile(q), values[rank - 1].value));
      if (rank == count) break;
      ASSERT_NO_FATAL_FAILURE(expect_near(*sketch.quantile(q + 1e-9), values[rank].value));
    }
  }
}

TEST_P(SketchAgainstExact, FractionsAreExactAtTheBoundsOfBins) {
  std::mt19937_64 rng(GetParam().seed);
  for (const std::size_t count : {1U, 16U, 17U, 100U, 1100U}) {
    const Multiset values = draw(rng, GetParam().spread, count, GetParam().weighted);
    const Sketch sketch = summarise(values);
    const auto total = static_cast<double>(weight_of(values));
    const auto exact = [&](std::uint32_t bound) {
      std::uint64_t weight = 0;
      for (const auto& each : values) weight += each.value <= bound ? each.weight : 0;
      return static_cast<double>(weight) / total;
    };
    for (const auto& bin : sketch.bins()) {
      ASSERT_DOUBLE_EQ(*sketch.fraction_at_most(bin.upper), exact(bin.upper));
      ASSERT_LE(*sketch.fraction_at_most(bin.lower), exact(bin.upper));
      if (bin.lower == 0) continue;
      ASSERT_DOUBLE_EQ(*sketch.fraction_at_most(bin.lower - 1), exact(bin.lower - 1));
    }
    EXPECT_EQ(sketch.fraction_at_most(0xFFFFFFFF), 1);
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Spread spread : kSpreads) {
    for (const bool weighted : {false, true}) {
      for (std::uint64_t seed = 0; seed < 1; ++seed) all.push_back({seed, spread, weighted});
    }
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Seeds, SketchAgainstExact, testing::ValuesIn(cases()));

}  // namespace
}  // namespace kpi
