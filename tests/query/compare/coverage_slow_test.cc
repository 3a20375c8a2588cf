// The long proof: every size that is promised, more runs, and how large a difference is seen.
#include <gtest/gtest.h>

#include "tests/query/compare/coverage_cells.h"

namespace kpi::test {
namespace {

class LongCoverage : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LongCoverage, OfQuantiles) {
  EXPECT_EQ(
      check_quantiles({{50, 10'000}, {500, 10'000}, {5'000, 4'000}, {50'000, 2'000}}, GetParam()),
      "");
}

TEST_P(LongCoverage, OfRates) {
  EXPECT_EQ(check_rates({{50, 10'000}, {500, 10'000}, {5'000, 4'000}, {50'000, 2'000}}, GetParam()),
            "");
}

TEST_P(LongCoverage, OfTimersThatTick) {
  EXPECT_EQ(check_lumps({{100, 6'000}, {500, 3'000}, {5'000, 1'000}, {50'000, 1'000}}, GetParam()),
            "");
}

TEST_P(LongCoverage, OfSampledReports) {
  EXPECT_EQ(check_sampled({{200, 10'000}, {1'000, 10'000}, {10'000, 2'000}}, GetParam()), "");
}

TEST_P(LongCoverage, OfSidesOfDifferentSize) {
  EXPECT_EQ(check_uneven({{10, 10'000}, {30, 10'000}, {100, 10'000}, {1'000, 2'000}}, GetParam()),
            "");
}

// How often a real slowdown of 5 % is seen. Recorded, so that a change of method that loses power
// is noticed.
TEST_P(LongCoverage, AndPowerUnderARealSlowdown) {
  struct Recorded {
    std::uint32_t n;
    std::size_t runs;
    double p50, p95;
  };
  const Population plain = Population::log_normal(800, 0.5);
  const Population slower = Population::log_normal(840, 0.5);
  for (const Recorded& recorded :
       {Recorded{500, 10'000, 0.21, 0.088}, Recorded{5'000, 2'000, 0.97, 0.63},
        Recorded{50'000, 300, 1, 1}}) {
    const Setting setting = {"5 % slower",
                             {&plain, 0, recorded.n, Sampling::kAll},
                             {&slower, 0, recorded.n, Sampling::kAll},
                             recorded.runs,
                             GetParam()};
    const auto cells = simulate(setting, {"p50", "p95"});
    report(cells);
    EXPECT_NEAR(cells[0].seen, recorded.p50, 0.03) << recorded.n;
    EXPECT_NEAR(cells[1].seen, recorded.p95, 0.03) << recorded.n;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LongCoverage, testing::Values(1));

}  // namespace
}  // namespace kpi::test
