// The statistics of COMPARE against published figures, and against each other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "query/compare/difference.h"
#include "query/compare/distributions.h"
#include "query/compare/figures.h"
#include "query/compare/holm.h"
#include "query/compare/quantile.h"
#include "query/compare/rate.h"
#include "query/compare/weights.h"

namespace kpi::query {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Side rate_side(double hits, double n) {
  return [=](double alpha) -> std::optional<Estimate> {
    return rate_estimate({hits / n, hits / n, n}, alpha);
  };
}

Sketch sketch_of(const std::vector<std::uint32_t>& values, std::uint32_t weight = 1000) {
  SketchBuilder builder;
  for (const std::uint32_t value : values) builder.add(value, weight);
  return builder.build();
}

std::vector<std::uint32_t> one_to(std::uint32_t n) {
  std::vector<std::uint32_t> values(n);
  std::iota(values.begin(), values.end(), 1);
  return values;
}

TEST(Rate, IsWilsonsInterval) {  // Newcombe 1998, paper on single proportions: 81 of 263.
  const Estimate estimate = rate_estimate({81 / 263.0, 81 / 263.0, 263}, 0.05);
  EXPECT_NEAR(estimate.lower, 0.2553, 5e-5);
  EXPECT_NEAR(estimate.upper, 0.3662, 5e-5);
}

TEST(Rate, IsExactWhereHitsOrMissesAreRare) {  // The rule of three's exact form: 1 - 0.025^(1/n).
  const Estimate none = rate_estimate({0, 0, 20}, 0.05);
  EXPECT_EQ(none.lower, 0);
  EXPECT_NEAR(none.upper, 1 - std::pow(0.025, 1 / 20.0), 1e-12);
  const Estimate few = rate_estimate({1 / 29.0, 1 / 29.0, 29}, 0.05);  // Newcombe 1998: 1 of 29.
  EXPECT_NEAR(few.lower, 0.0009, 5e-5);
  EXPECT_NEAR(few.upper, 0.1776, 5e-5);
}

TEST(Mover, IsNewcombesMethodTen) {  // Newcombe 1998, table II: 56/70 - 48/80.
  const auto range = interval_at(rate_side(48, 80), rate_side(56, 70), 0.2, 0.05);
  EXPECT_NEAR(range->lower, 0.0524, 5e-5);
  EXPECT_NEAR(range->upper, 0.3339, 5e-5);
}

// Every pair of rates over a grid, without chance: the coverage is a sum over all outcomes.
class ExactCoverage : public testing::TestWithParam<std::pair<int, int>> {};

double coverage(const std::vector<std::vector<Range>>& ranges, double before, double after) {
  const auto probabilities = [](std::size_t n, double p) {
    std::vector<double> out;
    for (std::size_t k = 0; k <= n; ++k) {
      const auto of = static_cast<double>(n), hits = static_cast<double>(k);
      out.push_back(std::exp(std::lgamma(of + 1) - std::lgamma(hits + 1) -
                             std::lgamma(of - hits + 1) + hits * std::log(p) +
                             (of - hits) * std::log1p(-p)));
    }
    return out;
  };
  const auto of_before = probabilities(ranges.size() - 1, before);
  const auto of_after = probabilities(ranges[0].size() - 1, after);
  double sum = 0;
  for (std::size_t x = 0; x < ranges.size(); ++x) {
    for (std::size_t y = 0; y < ranges[x].size(); ++y) {
      const double truth = after - before;
      if (ranges[x][y].lower <= truth && truth <= ranges[x][y].upper) {
        sum += of_before[x] * of_after[y];
      }
    }
  }
  return sum;
}

TEST_P(ExactCoverage, OfRatesIsNeverBelow) {
  const auto [n, m] = GetParam();
  std::vector<std::vector<Range>> ranges;
  for (int x = 0; x <= n; ++x) {
    auto& row = ranges.emplace_back();
    for (int y = 0; y <= m; ++y) {
      const double p = static_cast<double>(x) / n, q = static_cast<double>(y) / m;
      row.push_back(mover(rate_estimate({p, p, static_cast<double>(n)}, 0.05),
                          rate_estimate({q, q, static_cast<double>(m)}, 0.05)));
    }
  }
  std::vector<double> grid;
  for (double p = 0.001; p < 0.5; p *= 1.25) grid.insert(grid.end(), {p, 1 - p});
  double least = 1;
  for (const double before : grid) {
    for (const double after : grid) least = std::min(least, coverage(ranges, before, after));
  }
  EXPECT_GE(least, 0.935);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ExactCoverage,
                         testing::Values(std::pair{10, 10}, std::pair{10, 30}, std::pair{20, 20},
                                         std::pair{10, 100}, std::pair{50, 50}, std::pair{20, 200},
                                         std::pair{100, 100}));

TEST(Quantile, LiesBetweenOrderStatistics) {
  // Of 100 values the plain 95 % interval of the median is [x(40), x(61)], of coverage 0.9648.
  const RankedValues values(sketch_of(one_to(100)), 0, 100);
  const auto estimate = quantile_estimate(values, 0.5, 0.05);
  EXPECT_EQ(estimate->value, 50);
  EXPECT_GT(estimate->lower, 40);
  EXPECT_LT(estimate->lower, 41);
  EXPECT_GT(estimate->upper, 60);
  EXPECT_LT(estimate->upper, 61);
}

TEST(Quantile, HasNoIntervalOfTooFew) {
  EXPECT_FALSE(quantile_estimate(RankedValues(sketch_of(one_to(5)), 0, 5), 0.5, 0.05));
  EXPECT_TRUE(quantile_estimate(RankedValues(sketch_of(one_to(6)), 0, 6), 0.5, 0.05));
  EXPECT_FALSE(quantile_estimate(RankedValues(sketch_of(one_to(50)), 0, 50), 0.95, 0.05));
  EXPECT_FALSE(quantile_estimate(RankedValues(sketch_of(one_to(50)), 0, 50), 0.05, 0.05));
  EXPECT_FALSE(quantile_estimate(RankedValues({}, 0, 0), 0.5, 0.05));
}

TEST(Quantile, GrowsWithConfidence) {
  const RankedValues values(sketch_of(one_to(1000)), 0, 1000);
  Estimate last = *quantile_estimate(values, 0.95, 1);
  for (const double alpha : {0.5, 0.1, 0.05, 0.01, 1e-3, 1e-6, 1e-9}) {
    const auto next = quantile_estimate(values, 0.95, alpha);
    ASSERT_TRUE(next) << alpha;
    EXPECT_LE(next->lower, last.lower) << alpha;
    EXPECT_GE(next->upper, last.upper) << alpha;
    last = *next;
  }
  const RankedValues fewer(sketch_of(one_to(300)), 0, 300);  // 2 x 0.95^300 is 4.1e-7.
  EXPECT_TRUE(quantile_estimate(fewer, 0.95, 5e-7));
  EXPECT_FALSE(quantile_estimate(fewer, 0.95, 4e-7));
}

TEST(Quantile, OfEqualWeightsIsThatOfReports) {
  const auto values = one_to(300);
  const auto plain = quantile_estimate(RankedValues(sketch_of(values), 0, 300), 0.9, 0.05);
  const auto tenfold =
      quantile_estimate(RankedValues(sketch_of(values, 10'000), 0, 300), 0.9, 0.05);
  EXPECT_EQ(plain->lower, tenfold->lower);
  EXPECT_EQ(plain->value, tenfold->value);
  EXPECT_EQ(plain->upper, tenfold->upper);
}

TEST(Quantile, IsInfiniteWhereItsRankFallsOnAFailure) {
  const Sketch sketch = sketch_of(one_to(100));
  const RankedValues some(sketch, 8'000, 108);  // The upper rank of p90 is among the failures.
  const auto estimate = quantile_estimate(some, 0.9, 0.05);
  EXPECT_EQ(estimate->value, 98);
  EXPECT_LT(estimate->lower, 98);
  EXPECT_EQ(estimate->upper, kInfinity);
  const RankedValues most(sketch, 300'000, 400);
  const auto infinite = quantile_estimate(most, 0.5, 0.05);
  EXPECT_EQ(infinite->lower, kInfinity);
  EXPECT_EQ(infinite->value, kInfinity);
}

TEST(RankedValues, KeepWithinTheBinWhereValuesMayLieInLumps) {
  std::vector<std::uint32_t> lump(98, 5000);
  lump.insert(lump.end(), {10, 100'000});
  const RankedValues values(sketch_of(lump), 0, 100);
  EXPECT_LT(values.lower(50), 5000);
  EXPECT_GT(values.upper(50), 5000);
  EXPECT_NEAR(values.lower(50), values.upper(50), 5000 * 2 * kSketchRelativeErrorMax);
  const auto share = values.share_below(5000);  // 0.01, but the bin does not say.
  EXPECT_NEAR(share.low, 0.01, 1e-12);
  EXPECT_NEAR(share.high, 0.99, 1e-12);
}

TEST(RankedValues, AreSpreadEvenlyWhereTheDensityIsSmooth) {
  std::vector<std::uint32_t> values(20'000);
  std::iota(values.begin(), values.end(), 2000);
  const RankedValues ranked(sketch_of(values), 0, 20'000);
  for (const double rank : {3000.0, 5000.0, 10'000.0, 15'000.0}) {
    EXPECT_NEAR(ranked.lower(rank), 2000 + rank, 1.5);
    EXPECT_NEAR(ranked.upper(rank), 2000 + rank, 1.5);
    const auto share = ranked.share_below(2000 + rank);
    EXPECT_NEAR(share.low, rank / 20'000, 1e-4);
    EXPECT_EQ(share.low, share.high);
  }
}

TEST(Mover, OfInfiniteValuesClaimsNoMoreThanIsKnown) {
  const Estimate finite = {100, 90, 120, false};
  const Estimate open = {200, 150, kInfinity, false};
  const Estimate infinite = {kInfinity, 300, kInfinity, false};
  EXPECT_EQ(mover(finite, open).upper, kInfinity);
  EXPECT_GT(mover(finite, open).lower, 0);
  EXPECT_EQ(mover(open, finite).lower, -kInfinity);
  EXPECT_EQ(mover(finite, infinite).lower, 180);
  EXPECT_EQ(mover(finite, infinite).upper, kInfinity);
  EXPECT_EQ(mover(infinite, infinite).lower, -kInfinity);
  EXPECT_EQ(mover(infinite, infinite).upper, kInfinity);
}

TEST(Difference, ThatMayBeAnythingIsNone) {
  const Side infinite = [](double) {
    return std::optional(Estimate{kInfinity, 300, kInfinity, false});
  };
  const Side finite = [](double) { return std::optional(Estimate{100, 90, 120, false}); };
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(difference(infinite, infinite, unknown).has_value());
  EXPECT_TRUE(difference(finite, infinite, kInfinity).has_value());
}

TEST(Difference, HasAPValueThatAgreesWithItsInterval) {
  for (int hits = 30; hits <= 75; ++hits) {
    const double shown = hits / 100.0 - 0.5;
    const auto found = difference(rate_side(50, 100), rate_side(hits, 100), shown);
    const bool out = found->interval.lower > 0 || found->interval.upper < 0;
    EXPECT_EQ(found->p_value <= 0.05, out) << hits;
    const auto at_p = interval_at(rate_side(50, 100), rate_side(hits, 100), shown, found->p_value);
    const double nearest = shown > 0 ? at_p->lower : -at_p->upper;
    if (hits != 50) {
      EXPECT_NEAR(nearest, 0, 1e-3) << hits;
    }
  }
}

TEST(Difference, IsNoneWithAPValueOfOne) {
  const auto found = difference(rate_side(50, 100), rate_side(50, 100), 0);
  EXPECT_EQ(found->p_value, 1);
  EXPECT_LT(found->interval.lower, 0);
  EXPECT_GT(found->interval.upper, 0);
}

TEST(Difference, HasAPValueNoSmallerThanItsIntervalsCanSay) {
  const auto side = [](std::uint32_t offset) -> Side {
    std::vector<std::uint32_t> values = one_to(8);
    for (std::uint32_t& value : values) value += offset;
    return [values](double alpha) {
      return quantile_estimate(RankedValues(sketch_of(values), 0, 8), 0.5, alpha);
    };
  };
  const auto found = difference(side(0), side(100), 100);
  EXPECT_NEAR(found->p_value, 2 * std::pow(0.5, 8), 1e-4);  // Beyond that there is no interval.
  const Side none = [](double) { return std::nullopt; };
  EXPECT_FALSE(difference(none, side(0), 0));
  EXPECT_FALSE(difference(side(0), none, 0));
}

TEST(Difference, NeverNamesAPValueOfZero) {
  EXPECT_EQ(difference(rate_side(100, 100'000), rate_side(90'000, 100'000), 0.899)->p_value,
            kPValueMin);
}

TEST(Holm, CorrectsStepByStep) {
  const auto adjusted = holm({0.01, 0.04, 0.03, std::nullopt, 0.005});
  EXPECT_NEAR(*adjusted[4], 0.02, 1e-12);
  EXPECT_NEAR(*adjusted[0], 0.03, 1e-12);
  EXPECT_NEAR(*adjusted[2], 0.06, 1e-12);
  EXPECT_NEAR(*adjusted[1], 0.06, 1e-12);  // Never below the one before.
  EXPECT_FALSE(adjusted[3]);
  EXPECT_EQ(*holm({0.9, 0.8})[0], 1);
  EXPECT_TRUE(holm({}).empty());
}

TEST(WeightSums, AreWorthTheirReportsWhereWeightsAreEqual) {
  WeightSums sums;
  sums.reports = 40;
  sums.hits = 300;
  sums.hits_squared = 3000;
  sums.misses = 100;
  sums.misses_squared = 1000;
  EXPECT_EQ(sums.effective(), 40);
  EXPECT_EQ(WeightSums{}.effective(), 0);
}

TEST(WeightSums, AreKishsWhereThereAreHitsAlone) {
  WeightSums sums;
  sums.hits = 110;  // Ten of 1 and ten of 10.
  sums.hits_squared = 1010;
  EXPECT_NEAR(sums.effective(), 110.0 * 110 / 1010, 1e-9);
}

TEST(Distributions, AreThoseOfTables) {
  EXPECT_NEAR(normal_upper(0.025), 1.959964, 1e-6);
  EXPECT_NEAR(beta_cdf(2, 3, 0.5), 0.6875, 1e-12);
  EXPECT_NEAR(beta_lower(1, 10, 0.5), 1 - std::pow(0.5, 0.1), 1e-12);
  EXPECT_NEAR(beta_upper(1, 10, 0.5), 1 - std::pow(0.5, 0.1), 1e-12);
}

// The rate is in day cells for years, but how many were sampled is in the raw events alone.
TEST(Figures, OfSampledReportsThatHaveAgedOutClaimNoNumber) {
  GroupTable table;
  table.size = 1;
  table.counts.emplace_back();
  table.counts[0].successes = 8'000 * kWeightMin;
  table.counts[0].failures = 2'000 * kWeightMin;
  const Judged rate = {Judged::Kind::kSuccessRate, "success_rate()", {}};
  const WeightSums none;
  const Figures figures = figures_of(rate, table, 0, &none);
  EXPECT_DOUBLE_EQ(figures.value.value(), 0.8);
  EXPECT_FALSE(figures.reports);
  EXPECT_FALSE(figures.estimate);
  table.counts[0] = {};
  EXPECT_EQ(figures_of(rate, table, 0, &none).reports, 0);  // None at all is a number.
}

}  // namespace
}  // namespace kpi::query
