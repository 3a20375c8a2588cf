#include "engine/sender/sender_tally.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace kpi {
namespace {

using Exact = std::map<std::uint64_t, std::uint64_t>;

void expect_laws(const SenderTally& tally, const Exact& exact) {
  std::uint64_t reports = 0, largest = 0;
  for (const auto& [sender, sent] : exact) {
    reports += sent;
    largest = std::max(largest, sent);
    EXPECT_LE(tally.count_of(sender), sent);
    EXPECT_LE(sent, tally.count_of(sender) + tally.shortfall());
  }
  EXPECT_EQ(tally.reports(), reports);
  EXPECT_LE(tally.largest(), largest);
  EXPECT_LE(largest, tally.largest() + tally.shortfall());
  EXPECT_LE(tally.shortfall() * (kSenderCountersMax + 1), reports);
  if (exact.size() <= kSenderCountersMax) {
    EXPECT_EQ(tally.shortfall(), 0U);
  }
}

TEST(SenderTally, OfNobodyIsNothing) {
  const SenderTally tally;
  expect_laws(tally, {});
  EXPECT_EQ(tally.largest(), 0U);
}

TEST(SenderTally, IsExactForAsManySendersAsItHasCounters) {
  SenderTally tally;
  Exact exact;
  for (std::uint64_t i = 0; i < 10 * kSenderCountersMax; ++i) {
    tally.add(i % kSenderCountersMax + 1);
    ++exact[i % kSenderCountersMax + 1];
  }
  tally.add(7, 5);
  exact[7] += 5;
  expect_laws(tally, exact);
  EXPECT_EQ(tally.largest(), 15U);
  tally.add(kSenderCountersMax + 1);  // One more than there are counters.
  ++exact[kSenderCountersMax + 1];
  expect_laws(tally, exact);
  EXPECT_EQ(tally.shortfall(), 1U);
}

// Uniform, skewed, and with one loud sender; one by one and many at once.
TEST(SenderTally, KeepsItsLawsForAnyStream) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    SenderTally tally;
    Exact exact;
    const std::uint64_t senders = 1 + random() % 2'000;
    for (int i = 0; i < 5'000; ++i) {
      std::uint64_t sender = random() % senders + 1;
      if (seed % 3 == 1) sender = std::min(sender, random() % senders + 1);
      if (seed % 3 == 2 && random() % 10 != 0) sender = 1;
      const std::uint64_t reports = seed % 2 == 0 ? 1 : random() % 20 + 1;
      tally.add(sender, reports);
      exact[sender] += reports;
    }
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_laws(tally, exact);
  }
}

// An attacker who sends from ever new networks to hide a loud one cannot by more than 1 in 33.
TEST(SenderTally, ALoudSenderCannotBeHiddenByManyQuietOnes) {
  SenderTally tally;
  constexpr std::uint64_t kLoud = 1;
  for (std::uint64_t i = 0; i < 100'000; ++i) tally.add(i % 2 == 0 ? kLoud : i + 2);
  EXPECT_GE(static_cast<double>(tally.largest()) / 100'000, 0.5 - 1.0 / 33);
  EXPECT_LE(tally.largest(), 50'000U);
}

}  // namespace
}  // namespace kpi
