// Promise P5: a clock that is set forward ages nothing before it has stood for a day; one
// that is set back, slewed or smeared changes nothing.
#include "engine/retention/retention_clock.h"

#include <gtest/gtest.h>

namespace kpi::test {
namespace {

constexpr std::int64_t kStart = 20'000 * kDayMs;

class RetentionClockTest : public testing::Test {
 protected:
  // Hours pass, with a look at each.
  std::int64_t pass(int hours) {
    std::int64_t believed = 0;
    for (int hour = 0; hour < hours; ++hour) {
      now_.wall_ms += kHourMs;
      now_.steady_ms += kHourMs;
      believed = clock_.look(now_);
    }
    return believed;
  }

  RetentionClock::Clocks now_{kStart, 777};
  RetentionClock clock_{0, now_};
};

TEST_F(RetentionClockTest, IsTheWallClockWhileNobodySetsIt) {
  EXPECT_EQ(pass(1), now_.wall_ms);
  EXPECT_EQ(pass(1000), now_.wall_ms);
  EXPECT_FALSE(clock_.holds());
}

TEST_F(RetentionClockTest, DoesNotBelieveAStepForwardForADay) {
  pass(5);
  now_.wall_ms += 30 * kDayMs;
  EXPECT_EQ(clock_.look(now_), kStart + 5 * kHourMs);
  EXPECT_TRUE(clock_.holds());
  EXPECT_EQ(pass(23), kStart + 28 * kHourMs);
  EXPECT_EQ(pass(1), now_.wall_ms);
  EXPECT_FALSE(clock_.holds());
}

TEST_F(RetentionClockTest, ForgetsAStepThatIsTakenBack) {
  now_.wall_ms += 2 * kDayMs;
  EXPECT_EQ(clock_.look(now_), kStart);
  pass(20);
  now_.wall_ms -= 2 * kDayMs;
  EXPECT_EQ(clock_.look(now_), now_.wall_ms);
  EXPECT_FALSE(clock_.holds());
  EXPECT_EQ(pass(48), now_.wall_ms);
}

TEST_F(RetentionClockTest, BeginsTheDayAnewWithEachStep) {
  now_.wall_ms += 2 * kDayMs;
  clock_.look(now_);
  pass(23);
  now_.wall_ms += 2 * kDayMs;
  EXPECT_EQ(clock_.look(now_), kStart + 23 * kHourMs);
  EXPECT_EQ(pass(23), kStart + 46 * kHourMs);
  EXPECT_EQ(pass(1), now_.wall_ms);
}

TEST_F(RetentionClockTest, BelievesWhatIsWithinTheSlack) {
  now_.wall_ms += RetentionClock::kSlackMs;
  EXPECT_EQ(clock_.look(now_), now_.wall_ms);
  now_.wall_ms += RetentionClock::kSlackMs + 1;
  EXPECT_NE(clock_.look(now_), now_.wall_ms);
}

TEST_F(RetentionClockTest, GoesBackWithTheWallClock) {
  now_.wall_ms -= kHourMs;
  EXPECT_EQ(clock_.look(now_), now_.wall_ms);
  EXPECT_EQ(pass(10), now_.wall_ms);
}

// 500 ppm is what adjtime() slews at most; a smeared leap second is 12 ppm for a day.
TEST_F(RetentionClockTest, BelievesASlewedClock) {
  for (int hour = 0; hour < 1000; ++hour) {
    now_.steady_ms += kHourMs;
    now_.wall_ms += kHourMs + kHourMs / 2000;
    EXPECT_EQ(clock_.look(now_), now_.wall_ms);
  }
}

TEST_F(RetentionClockTest, DoesNotBelieveAClockThatIsWrongAtTheStart) {
  now_.wall_ms += 3 * kDayMs;
  clock_ = RetentionClock(kStart, now_);
  EXPECT_TRUE(clock_.holds());
  EXPECT_EQ(clock_.look(now_), kStart);
  EXPECT_EQ(pass(23), kStart + 23 * kHourMs);
  EXPECT_EQ(pass(1), now_.wall_ms) << "a store that was closed for three days is a day late";
}

TEST_F(RetentionClockTest, BelievesAStoreThatWasClosedOverNight) {
  now_.wall_ms += RetentionClock::kSlackAtStartMs;
  clock_ = RetentionClock(kStart, now_);
  EXPECT_FALSE(clock_.holds());
  EXPECT_EQ(clock_.look(now_), now_.wall_ms);
}

TEST_F(RetentionClockTest, BelievesWhoVouchesForIt) {
  now_.wall_ms += 100 * kDayMs;
  clock_.look(now_);
  clock_.believe(now_);
  EXPECT_FALSE(clock_.holds());
  EXPECT_EQ(pass(1), now_.wall_ms);
}

}  // namespace
}  // namespace kpi::test
