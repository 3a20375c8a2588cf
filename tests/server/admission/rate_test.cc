// Threat "floods": each limit at its bound and one beyond; memory does not grow with senders.
#include <gtest/gtest.h>

#include <string>

#include "server/admission/rate_gate.h"

namespace kpi::server {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
using By = RateDecision::By;

TEST(RateLimit, PassesTheBurstThenTheRate) {
  const RateLimit limit = RateLimit::of(10, 2'000);
  std::int64_t full = 0;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(limit.take(full, 5 * kSecond), 0) << i;
  EXPECT_EQ(limit.take(full, 5 * kSecond), kSecond / 10);
  EXPECT_EQ(limit.take(full, 5 * kSecond + kSecond / 10 - 1), 1);
  EXPECT_EQ(limit.take(full, 5 * kSecond + kSecond / 10), 0);
  EXPECT_NE(limit.take(full, 5 * kSecond + kSecond / 10), 0);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(limit.take(full, 60 * kSecond), 0) << i;
}

TEST(RateLimit, OneRequestAlwaysFits) {
  const RateLimit slow = RateLimit::of(1, 1);
  std::int64_t full = 0;
  EXPECT_EQ(slow.take(full, 0), 0);
  EXPECT_EQ(slow.take(full, 0), kSecond);
  const RateLimit none = RateLimit::of(0, 1000);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(none.take(full, 0), 0);
}

TEST(RateGate, CountsSendersRpsAndAllApart) {
  RateGate gate({2, 3, 4, 1'000});
  EXPECT_EQ(gate.admit("a", "https://x", kSecond).by, By::kNone);
  EXPECT_EQ(gate.admit("a", "https://x", kSecond).by, By::kNone);
  const RateDecision sender = gate.admit("a", "https://y", kSecond);
  EXPECT_EQ(sender.by, By::kSender);
  EXPECT_EQ(sender.retry_s, 1);
  EXPECT_EQ(gate.admit("b", "https://x", kSecond).by, By::kNone);
  EXPECT_EQ(gate.admit("b", "https://x", kSecond).by, By::kRp);
  EXPECT_EQ(gate.admit("c", "", kSecond).by, By::kNone);
  EXPECT_EQ(gate.admit("c", "", kSecond).by, By::kTotal);
  EXPECT_EQ(gate.admit("c", "", 3 * kSecond).by, By::kNone);
}

TEST(RateGate, BeginsANewDayWithNewKeys) {
  RateGate gate({1, 0, 0, 1'000});
  EXPECT_EQ(gate.admit("a", "", kSecond).by, By::kNone);
  EXPECT_EQ(gate.admit("a", "", kSecond).by, By::kSender);
  EXPECT_EQ(gate.admit("a", "", 86'400 * kSecond).by, By::kNone);
}

TEST(RateTable, StaysSmallUnderMillionsOfKeysAndHoldsALoudOne) {
  RateTable table(RateLimit::of(100, 10'000), kRateSets);
  EXPECT_EQ(table.size_bytes(), std::size_t{1} << 20);
  std::uint64_t state = 1, passed = 0;
  for (std::int64_t i = 0; i < 1'000'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    table.take(state >> 8 | 1, kSecond + i * 1'000);  // A million others in one second ...
    passed += table.take(42, kSecond + i * 1'000) == 0 ? 1 : 0;
  }
  EXPECT_LE(passed, 1'100U);  // ... and one that takes no more than its burst and rate.
  EXPECT_EQ(table.size_bytes(), std::size_t{1} << 20);
}

}  // namespace
}  // namespace kpi::server
