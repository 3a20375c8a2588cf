// Promise P5: a clock that is set forward ages nothing before it has stood for a day; one
// that is set back, slewed or smeared changes nothing.
#include "engine/retention/retention_clock.h"

#include <gtest/gtest.h>

#include <limits>

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

  // The process ends and, so long after, another one begins, maybe after the machine has restarted.
  void restart(std::int64_t closed_ms = kMinuteMs) {
    const RetentionClock::Kept kept = clock_.kept();
    now_ = {now_.wall_ms + closed_ms, 5};
    clock_ = RetentionClock(kept, now_);
    clock_.look(now_);
  }

  RetentionClock::Clocks now_{kStart, 777};
  RetentionClock clock_{{}, now_};
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
  clock_ = RetentionClock({kStart}, now_);
  EXPECT_TRUE(clock_.holds());
  EXPECT_EQ(clock_.look(now_), kStart);
  EXPECT_EQ(pass(23), kStart + 23 * kHourMs);
  EXPECT_EQ(pass(1), now_.wall_ms) << "a store that was closed for three days is a day late";
}

TEST_F(RetentionClockTest, BelievesAStoreThatWasClosedOverNight) {
  now_.wall_ms += RetentionClock::kSlackAtStartMs;
  clock_ = RetentionClock({kStart}, now_);
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

TEST_F(RetentionClockTest, CatchesUpThoughTheStoreIsOpenedAnewEveryFewHours) {
  restart(64 * kHourMs);  // A weekend.
  EXPECT_TRUE(clock_.holds());
  for (int hours = 0; hours < 21; hours += 3) {
    pass(3);
    restart();
    EXPECT_TRUE(clock_.holds()) << hours;
  }
  pass(3);
  restart();
  EXPECT_FALSE(clock_.holds());
  for (int hours = 24; hours < 72; hours += 3) {
    EXPECT_EQ(pass(3), now_.wall_ms);
    restart();
    EXPECT_FALSE(clock_.holds()) << hours;
  }
}

TEST_F(RetentionClockTest, CatchesUpThoughNoProcessLivesForAnHour) {
  restart(64 * kHourMs);
  int restarts = 0;
  for (; clock_.holds() && restarts < 1000; ++restarts) restart(kHourMs / 2);
  EXPECT_EQ(restarts, 48);
}

TEST_F(RetentionClockTest, CatchesUpInAFewDaysOfOfficeHours) {
  restart(64 * kHourMs);
  for (int day = 0; day < 2; ++day) {
    pass(8);
    restart(16 * kHourMs);
    EXPECT_TRUE(clock_.holds());
  }
  EXPECT_EQ(pass(8), now_.wall_ms);
}

TEST_F(RetentionClockTest, ForgetsAStepThatIsTakenBackWhileTheStoreIsClosed) {
  now_.wall_ms += 30 * kDayMs;
  clock_.look(now_);
  pass(23);
  restart(-30 * kDayMs);
  EXPECT_FALSE(clock_.holds());
  EXPECT_EQ(clock_.look(now_), now_.wall_ms);
  EXPECT_EQ(clock_.kept().looked_wall_ms, 0);
  now_.wall_ms += 30 * kDayMs;
  EXPECT_EQ(clock_.look(now_), now_.wall_ms - 30 * kDayMs) << "and the day begins anew";
  const std::int64_t believed = pass(23);
  EXPECT_EQ(believed, now_.wall_ms - 30 * kDayMs);
}

TEST_F(RetentionClockTest, BeginsTheDayAnewWithAStepWhileTheStoreIsClosed) {
  restart(3 * kDayMs);
  pass(23);
  restart(RetentionClock::kSlackAtStartMs + 1);
  EXPECT_TRUE(clock_.holds());
  pass(23);
  EXPECT_TRUE(clock_.holds());
  EXPECT_EQ(pass(1), now_.wall_ms);
}

TEST_F(RetentionClockTest, NoTimeThatAStoreMayHoldIsTooFarAway) {
  for (const std::int64_t believed : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                      std::numeric_limits<std::int64_t>::max()}) {
    clock_ = RetentionClock({believed, 0, 0}, now_);
    EXPECT_EQ(clock_.look(now_), now_.wall_ms) << believed;
  }
}

TEST_F(RetentionClockTest, WhatADamagedStoreSaysHeldIsBounded) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t held : {kLeast, kMost}) {
    for (const std::int64_t at : {kLeast, std::int64_t{-1}, std::int64_t{0}, kMost}) {
      clock_ = RetentionClock({kStart - 9 * kDayMs, held, at}, now_);
      EXPECT_EQ(clock_.look(now_), kStart - 9 * kDayMs) << held << ' ' << at;
    }
  }
}

}  // namespace
}  // namespace kpi::test
