// Promise P5: whoever sets the wall clock back does not send events into buckets that are
// long closed; each step is counted and told, and what is no step is not.
#include "server/operate/wall_clock.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace kpi::server {
namespace {

constexpr std::int64_t kStart = 1'795'000'000'000;

class WallClockTest : public testing::Test {
 protected:
  WallClockTest() {
    clock_.tell([this](std::int64_t ms, bool held) { told_.emplace_back(ms, held); });
  }
  void pass(std::int64_t ms) {
    wall_ += ms;
    steady_ += ms;
  }

  std::int64_t wall_ = kStart, steady_ = 5;
  std::vector<std::pair<std::int64_t, bool>> told_;
  WallClock clock_{[this] { return wall_; }, [this] { return steady_; }};
};

TEST_F(WallClockTest, IsTheWallClockWhileNobodySetsIt) {
  for (int i = 0; i < 1000; ++i) {
    pass(997 * i);
    EXPECT_EQ(clock_.now_ms(), wall_);
  }
  EXPECT_EQ(clock_.now_s(), wall_ / 1000);
  EXPECT_TRUE(told_.empty());
}

TEST_F(WallClockTest, FollowsAStepForward) {
  wall_ += 2 * 86'400'000;
  EXPECT_EQ(clock_.now_ms(), wall_);
  EXPECT_EQ(clock_.steps_forward(), 1U);
  EXPECT_EQ(clock_.held_ms(), 0);
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0], std::pair(std::int64_t{2 * 86'400'000}, false));
}

TEST_F(WallClockTest, FollowsAStepBackWithinTheTolerance) {
  wall_ -= WallClock::kToleranceMs;
  EXPECT_EQ(clock_.now_ms(), wall_);
  EXPECT_EQ(clock_.steps_back(), 1U);
  EXPECT_EQ(clock_.held_ms(), 0);
  wall_ -= 1;
  EXPECT_EQ(clock_.now_ms(), wall_ + 1) << "together they are more";
}

TEST_F(WallClockTest, HoldsTimeAfterAStepBackUntilTheWallClockIsThereAgain) {
  wall_ -= 1'800'000;
  EXPECT_EQ(clock_.now_ms(), kStart - WallClock::kToleranceMs);
  EXPECT_EQ(clock_.held_ms(), 1'800'000 - WallClock::kToleranceMs);
  pass(600'000);
  EXPECT_EQ(clock_.now_ms(), kStart - WallClock::kToleranceMs);
  pass(1'200'000);
  EXPECT_EQ(clock_.now_ms(), wall_);
  EXPECT_EQ(clock_.held_ms(), 0);
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0], std::pair(std::int64_t{-1'800'000}, true));
}

TEST_F(WallClockTest, BelievesAClockThatHasStayedSetBack) {
  wall_ -= 2 * 86'400'000;
  EXPECT_EQ(clock_.now_ms(), kStart - WallClock::kToleranceMs);
  pass(WallClock::kHoldMs - 1);
  EXPECT_EQ(clock_.now_ms(), kStart - WallClock::kToleranceMs);
  pass(1);
  EXPECT_EQ(clock_.now_ms(), wall_);
  pass(60'000);
  EXPECT_EQ(clock_.now_ms(), wall_);
}

TEST_F(WallClockTest, CountsFromASecondOn) {
  wall_ += WallClock::kStepMs - 1;
  EXPECT_EQ(clock_.now_ms(), wall_);
  EXPECT_EQ(clock_.steps_forward(), 0U);
  wall_ += WallClock::kStepMs;
  EXPECT_EQ(clock_.now_ms(), wall_);
  EXPECT_EQ(clock_.steps_forward(), 1U);
  wall_ -= WallClock::kStepMs;
  EXPECT_EQ(clock_.now_ms(), wall_);
  EXPECT_EQ(clock_.steps_back(), 1U);
}

// 500 ppm is what adjtime() slews at most; a smeared leap second is 12 ppm for a day.
TEST_F(WallClockTest, DoesNotTakeASlewForAStep) {
  for (int second = 0; second < 100'000; ++second) {
    steady_ += 1000;
    wall_ += second % 2 == 0 ? 1001 : 1000;
    EXPECT_EQ(clock_.now_ms(), wall_);
  }
  EXPECT_TRUE(told_.empty());
}

// As Linux has it: the last second of the day comes twice.
TEST_F(WallClockTest, TakesALeapSecondForTheSmallestStep) {
  steady_ += 1000;
  EXPECT_EQ(clock_.now_ms(), wall_);
  EXPECT_EQ(clock_.steps_back(), 1U);
  EXPECT_EQ(clock_.held_ms(), 0);
}

// Between the two readings of a thread that had to wait.
TEST(WallClockReading, IsDoneAgainWhereItTookLong) {
  std::int64_t steady = 0, wall = kStart;
  int readings = 0;
  WallClock clock(
      [&] {
        if (++readings == 2) steady += 5'000;  // The thread waits after its reading of this clock.
        return wall;
      },
      [&] { return steady; });
  wall += 5'000;
  EXPECT_EQ(clock.now_ms(), wall);
  EXPECT_EQ(clock.steps_forward() + clock.steps_back(), 0U);
}

}  // namespace
}  // namespace kpi::server
