// The intervals of COMPARE hold the truth as often as they say: a short proof. The long one is
// coverage_slow_test.cc.
#include <gtest/gtest.h>

#include "tests/query/compare/coverage_cells.h"

namespace kpi::test {
namespace {

class Coverage : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Coverage, OfQuantiles) {
  EXPECT_EQ(check_quantiles({{50, 4000}, {500, 4000}}, GetParam()), "");
}

TEST_P(Coverage, OfRates) { EXPECT_EQ(check_rates({{50, 4000}, {500, 4000}}, GetParam()), ""); }

TEST_P(Coverage, OfTimersThatTick) { EXPECT_EQ(check_lumps({{500, 2000}}, GetParam()), ""); }

TEST_P(Coverage, OfSampledReports) { EXPECT_EQ(check_sampled({{1000, 3000}}, GetParam()), ""); }

// The proof can fail: an interval of 90 % is found out, and one of 99 % too.
TEST_P(Coverage, OfAnotherConfidenceIsFoundOut) {
  const Population times = Population::log_normal(800, 0.5);
  const Attempts side = {&times, 0.4, 500, Sampling::kAll};
  for (const double alpha : {0.1, 0.01}) {
    const auto cells = simulate({"wrong", side, side, 2000, GetParam(), alpha},
                                {"p50", "below 1000", "success_rate"});
    for (const CellResult& cell : cells) EXPECT_NE(complaint(cell), "") << row_text(cell);
  }
}

TEST_P(Coverage, IsNotClaimedWhereThereAreTooFew) {
  const Population times = Population::log_normal(800, 0.5);
  const auto answered = [&](std::uint32_t n, const std::string& aggregate) {
    const Attempts side = {&times, 0, n, Sampling::kAll};
    return simulate({"few", side, side, 10, GetParam()}, {aggregate})[0].answered;
  };
  EXPECT_EQ(answered(5, "p50"), 0U);
  EXPECT_EQ(answered(6, "p50"), 10U);
  EXPECT_EQ(answered(71, "p95"), 0U);
  EXPECT_EQ(answered(72, "p95"), 10U);
  EXPECT_EQ(answered(367, "p99"), 0U);
  EXPECT_EQ(answered(368, "p99"), 10U);
  EXPECT_EQ(answered(9, "success_rate"), 0U);
  EXPECT_EQ(answered(10, "success_rate"), 10U);
  EXPECT_EQ(answered(9, "below 1000"), 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Coverage, testing::Values(1));

}  // namespace
}  // namespace kpi::test
