#include "engine/seal/plan.h"

#include <gtest/gtest.h>

#include "kpi/event.h"

namespace kpi {
namespace {

constexpr std::int64_t kDay = 20'000 * kDayMs;

// `counts[h]` events in hour h.
std::vector<std::int64_t> day_with(const std::vector<std::uint32_t>& counts) {
  std::vector<std::int64_t> times;
  for (std::size_t hour = 0; hour < counts.size(); ++hour) {
    for (std::uint32_t i = 0; i < counts[hour]; ++i) {
      times.push_back(kDay + static_cast<std::int64_t>(hour) * kHourMs + i);
    }
  }
  return times;
}

TEST(SealPlan, AClosedDayIsDenseFromItsThresholdOn) {
  const SealPolicy policy{SealReason::kClock, kDay + kDayMs, 16};
  EXPECT_FALSE(plan_day(policy, kDay, day_with({24 * 16 - 1})).dense);
  EXPECT_TRUE(plan_day(policy, kDay, day_with({24 * 16})).dense);
  EXPECT_TRUE(plan_day(policy, kDay, day_with({1})).whole());
}

TEST(SealPlan, AnOpenDayGivesItsClosedDenseHoursOnly) {
  const SealPolicy policy{SealReason::kClock, kDay + 2 * kHourMs, 16};
  const DayPlan plan = plan_day(policy, kDay, day_with({15, 16, 500}));
  EXPECT_EQ(plan.hours, 1U << 1);
  EXPECT_TRUE(plan.dense);
}

TEST(SealPlan, TheBudgetAlsoTakesOpenDenseHours) {
  const SealPolicy policy{SealReason::kBudget, kDay + 2 * kHourMs, 16};
  EXPECT_EQ(plan_day(policy, kDay, day_with({15, 16, 500})).hours, 1U << 1 | 1U << 2);
}

TEST(SealPlan, AllTakesTheOpenDayWhole) {
  const SealPolicy policy{SealReason::kAll, kDay, 16};
  EXPECT_TRUE(plan_day(policy, kDay, day_with({1})).whole());
}

}  // namespace
}  // namespace kpi
