#include "tools/kpi_load/attempt.h"

#include <gtest/gtest.h>

#include <map>

#include "kpi/event.h"

namespace kpi::load {
namespace {

constexpr std::int64_t kEndMs = 1'795'000'000'000;

class Attempts : public testing::TestWithParam<std::uint64_t> {  // The parameter is the seed.
 protected:
  Population population_{{GetParam(), 50, kEndMs, 7}};
};

TEST_P(Attempts, SameSeedGivesTheSameAttempts) {
  Population again({GetParam(), 50, kEndMs, 7});
  for (int i = 0; i < 1000; ++i) {
    const Attempt a = population_.next(), b = again.next();
    EXPECT_EQ(a.time_ms, b.time_ms);
    EXPECT_EQ(a.turnaround(), b.turnaround());
  }
}

TEST_P(Attempts, ArePlausible) {
  for (int i = 0; i < 5000; ++i) {
    const Attempt attempt = population_.next();
    EXPECT_GE(attempt.time_ms, kEndMs - 7 * kDayMs);
    EXPECT_LT(attempt.time_ms, kEndMs);
    EXPECT_LT(attempt.rp, 50U);
    EXPECT_LE(attempt.turnaround(), 600'000U);  // What admission takes by default.
    EXPECT_EQ(attempt.success, attempt.turnaround() > 0);
  }
}

TEST_P(Attempts, FirstRpIsTheMostPopular) {
  std::map<std::uint32_t, int> by_rp;
  for (int i = 0; i < 20'000; ++i) ++by_rp[population_.next().rp];
  EXPECT_GT(by_rp[0], by_rp[1]);
  EXPECT_GT(by_rp[1], by_rp[9]);
  EXPECT_NEAR(by_rp[0] / static_cast<double>(by_rp[1]), 2, 0.4);
}

TEST_P(Attempts, BadReleaseIsVisible) {
  double before = 0, after = 0;
  int before_count = 0, after_count = 0;
  for (int i = 0; i < 200'000; ++i) {
    const Attempt attempt = population_.next();
    if (attempt.rp != kRegressedRp || !attempt.success) continue;
    const bool late = attempt.time_ms >= population_.regression_begin_ms();
    (late ? after : before) += attempt.token;
    ++(late ? after_count : before_count);
  }
  ASSERT_GT(before_count, 100);
  ASSERT_GT(after_count, 100);
  EXPECT_GT(after / after_count, 5 * before / before_count);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Attempts, testing::Range<std::uint64_t>(0, 3));

}  // namespace
}  // namespace kpi::load
