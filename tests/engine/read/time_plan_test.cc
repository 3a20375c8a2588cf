#include "engine/read/time_plan.h"

#include <gtest/gtest.h>

#include <limits>

#include "kpi/limits.h"

namespace kpi {
namespace {

constexpr std::int64_t kDay = kDayMs, kHour = kHourMs, kMinute = kMinuteMs;
constexpr std::int64_t kEnd = kTimeMsMax + 1;

TimePlan plan(TimeRange range, std::int64_t width_ms = 0, std::int64_t origin_ms = 0,
              bool all_rps = true, Horizons horizons = {}, bool cells = true) {
  TimePlanInput input;
  input.range = range;
  input.buckets = TimeBuckets(width_ms, origin_ms);
  input.horizons = horizons;
  input.cells = cells;
  input.all_rps = all_rps;
  return plan_time(input);
}

using Steps = std::vector<TimeStep>;

TEST(TimeBuckets, AreFloorsAlsoBeforeTheirOrigin) {
  const TimeBuckets plain(1000, 0);
  EXPECT_EQ(plain.begin_of(0), 0);
  EXPECT_EQ(plain.begin_of(999), 0);
  EXPECT_EQ(plain.begin_of(1000), 1000);
  const TimeBuckets shifted(1000, 300);
  EXPECT_EQ(shifted.begin_of(0), -700);
  EXPECT_EQ(shifted.begin_of(299), -700);
  EXPECT_EQ(shifted.begin_of(300), 300);
  EXPECT_EQ(TimeBuckets(1000, -700).begin_of(299), -700);
  EXPECT_EQ(TimeBuckets(1000, 10'300).begin_of(0), -700);
  EXPECT_EQ(TimeBuckets(0, 77).begin_of(123), 0);
}

TEST(TimeBuckets, TakeExtremesOfWidthAndOrigin) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(TimeBuckets(kMax, 0).begin_of(kTimeMsMax), 0);
  EXPECT_EQ(TimeBuckets(kMax, kMax).begin_of(5), 0);
  EXPECT_EQ(TimeBuckets(kMax, kMax - 1).begin_of(5), -1);
  EXPECT_EQ(TimeBuckets(1, kMin).begin_of(5), 5);
  EXPECT_EQ(TimeBuckets(kMax, kMin).begin_of(kTimeMsMax), -1);
}

TEST(TimePlan, WholeDaysAreDayCells) {
  EXPECT_EQ(plan({3 * kDay, 5 * kDay}).steps, (Steps{{Source::kDayCells, {3 * kDay, 5 * kDay}}}));
  EXPECT_EQ(plan({0, kEnd}, 7 * kDay, 2 * kDay).steps, (Steps{{Source::kDayCells, {0, kEnd}}}));
}

TEST(TimePlan, EdgesAreFiner) {
  const TimeRange range{kDay + 23 * kHour + 59 * kMinute + 1, 3 * kDay + kHour + kMinute};
  EXPECT_EQ(plan(range).steps, (Steps{{Source::kChunks, {range.begin_ms, 2 * kDay}},
                                      {Source::kDayCells, {2 * kDay, 3 * kDay}},
                                      {Source::kHourCells, {3 * kDay, 3 * kDay + kHour}},
                                      {Source::kMinuteCells, {3 * kDay + kHour, range.end_ms}}}));
  EXPECT_EQ(plan({1, kMinute - 1}).steps, (Steps{{Source::kChunks, {1, kMinute - 1}}}));
  EXPECT_EQ(plan({0, kMinute}).steps, (Steps{{Source::kMinuteCells, {0, kMinute}}}));
}

TEST(TimePlan, BucketsMustNotCutCells) {
  const TimeRange range{kDay, 2 * kDay};
  EXPECT_EQ(plan(range, kHour).steps, (Steps{{Source::kHourCells, range}}));
  EXPECT_EQ(plan(range, kDay, kHour).steps, (Steps{{Source::kHourCells, range}}));
  EXPECT_EQ(plan(range, kDay, -kHour).steps, (Steps{{Source::kHourCells, range}}));
  EXPECT_EQ(plan(range, 36 * kHour).steps, (Steps{{Source::kHourCells, range}}));
  EXPECT_EQ(plan(range, 90 * kMinute).steps, (Steps{{Source::kMinuteCells, range}}));
  EXPECT_EQ(plan(range, kDay, kMinute).steps, (Steps{{Source::kMinuteCells, range}}));
  EXPECT_EQ(plan(range, kDay, 1).steps, (Steps{{Source::kChunks, range}}));
  EXPECT_EQ(plan(range, 1000).steps, (Steps{{Source::kChunks, range}}));
}

TEST(TimePlan, SeriesHaveNoMinuteCellsAndSparseHoursInChunks) {
  const TimeRange range{kDay - 2 * kHour, 2 * kDay + kMinute};
  EXPECT_EQ(plan(range, 0, 0, false).steps, (Steps{{Source::kHourCells, {range.begin_ms, kDay}},
                                                   {Source::kSparseChunks, {range.begin_ms, kDay}},
                                                   {Source::kDayCells, {kDay, 2 * kDay}},
                                                   {Source::kChunks, {2 * kDay, range.end_ms}}}));
}

TEST(TimePlan, BelowTheRawHorizonHourCellsAreWhole) {
  Horizons horizons;
  horizons.raw = 2;
  const TimeRange range{kDay, 3 * kDay};
  EXPECT_EQ(plan(range, kHour, 0, false, horizons).steps,
            (Steps{{Source::kHourCells, range}, {Source::kSparseChunks, {2 * kDay, 3 * kDay}}}));
  EXPECT_EQ(plan({kDay, 2 * kDay}, kHour, 0, false, horizons).steps,
            (Steps{{Source::kHourCells, {kDay, 2 * kDay}}}));
}

TEST(TimePlan, CoversTheLatestPartThatIsStillThere) {
  Horizons horizons;
  horizons.raw = 5;
  const TimePlan raw = plan({kDay, 9 * kDay}, 0, 0, true, horizons, false);
  EXPECT_EQ(raw.covered, (TimeRange{5 * kDay, 9 * kDay}));
  EXPECT_EQ(raw.steps, (Steps{{Source::kChunks, {5 * kDay, 9 * kDay}}}));

  // The edges of an old range went with its raw events; what is between them is there.
  const TimePlan edges = plan({kDay + 1, 3 * kDay + 1}, 0, 0, true, horizons);
  EXPECT_EQ(edges.covered, (TimeRange{kDay + kMinute, 3 * kDay}));
  EXPECT_EQ(edges.steps.back(), (TimeStep{Source::kDayCells, {2 * kDay, 3 * kDay}}));

  const TimePlan nothing = plan({kDay, 2 * kDay}, 1000, 0, true, horizons);
  EXPECT_TRUE(nothing.covered.empty());
  EXPECT_TRUE(nothing.steps.empty());
}

TEST(TimePlan, FinerDataStandsInForWhatHasAgedOut) {
  Horizons horizons;
  horizons.minute = 4;
  horizons.hour = 2;
  const TimeRange range{3 * kDay, 5 * kDay};
  EXPECT_EQ(plan(range, kMinute, 0, true, horizons).steps,
            (Steps{{Source::kChunks, {3 * kDay, 4 * kDay}},
                   {Source::kMinuteCells, {4 * kDay, 5 * kDay}}}));
  horizons.day = 4;
  EXPECT_EQ(plan(range, kDay, 0, true, horizons).steps,
            (Steps{{Source::kHourCells, {3 * kDay, 4 * kDay}},
                   {Source::kDayCells, {4 * kDay, 5 * kDay}}}));
}

TimePlan label_plan(TimeRange range, std::uint32_t label_day, Horizons horizons = {},
                    std::int64_t width_ms = 0) {
  TimePlanInput input;
  input.range = range;
  input.buckets = TimeBuckets(width_ms, 0);
  input.horizons = horizons;
  input.cells = false;
  input.label_day = label_day;
  return plan_time(input);
}

TEST(TimePlan, LabelCellsAnswerWholeDaysFromTheirFirstOn) {
  EXPECT_EQ(label_plan({3 * kDay, 5 * kDay}, 0).steps,
            (Steps{{Source::kLabelCells, {3 * kDay, 5 * kDay}}}));
  EXPECT_EQ(label_plan({3 * kDay - 1, 5 * kDay + 1}, 3).steps,
            (Steps{{Source::kChunks, {3 * kDay - 1, 3 * kDay}},
                   {Source::kLabelCells, {3 * kDay, 5 * kDay}},
                   {Source::kChunks, {5 * kDay, 5 * kDay + 1}}}));
  EXPECT_EQ(
      label_plan({kDay, 5 * kDay}, 3).steps,
      (Steps{{Source::kChunks, {kDay, 3 * kDay}}, {Source::kLabelCells, {3 * kDay, 5 * kDay}}}));
  EXPECT_EQ(label_plan({kDay, 5 * kDay}, 5).steps, (Steps{{Source::kChunks, {kDay, 5 * kDay}}}));
  EXPECT_EQ(label_plan({kDay, 5 * kDay}, 0, {}, kHour).steps,
            (Steps{{Source::kChunks, {kDay, 5 * kDay}}}));
  EXPECT_EQ(label_plan({0, kEnd}, 1U << 16).steps, (Steps{{Source::kChunks, {0, kEnd}}}));
}

TEST(TimePlan, LabelCellsCoverWhatRawEventsNoLongerDo) {
  Horizons horizons;
  horizons.raw = 5;
  EXPECT_EQ(label_plan({kDay, 9 * kDay}, 0, horizons).covered, (TimeRange{kDay, 9 * kDay}));
  EXPECT_EQ(label_plan({kDay + 1, 9 * kDay}, 0, horizons).covered, (TimeRange{2 * kDay, 9 * kDay}));
  EXPECT_EQ(label_plan({kDay, 9 * kDay}, 3, horizons).covered, (TimeRange{3 * kDay, 9 * kDay}));
  horizons.day = 4;
  EXPECT_EQ(label_plan({kDay, 9 * kDay}, 3, horizons).covered, (TimeRange{4 * kDay, 9 * kDay}));
  EXPECT_EQ(label_plan({kDay, 9 * kDay}, 7, horizons).steps,
            (Steps{{Source::kChunks, {5 * kDay, 7 * kDay}},
                   {Source::kLabelCells, {7 * kDay, 9 * kDay}}}));
}

}  // namespace
}  // namespace kpi
