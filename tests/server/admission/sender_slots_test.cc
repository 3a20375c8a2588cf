#include "server/admission/sender_slots.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kpi::server {
namespace {

TEST(SenderSlots, ANetworkHasSoManyAndNotOneMore) {
  SenderSlots slots(3);
  std::vector<SenderSlots::Slot> held;
  for (int i = 0; i < 3; ++i) {
    auto slot = slots.take("a");
    ASSERT_TRUE(slot.has_value());
    held.push_back(std::move(*slot));
  }
  EXPECT_FALSE(slots.take("a").has_value());
  EXPECT_EQ(slots.refused(), 1U);
  EXPECT_TRUE(slots.take("b").has_value());  // Others are not touched by it.
  held.pop_back();
  EXPECT_TRUE(slots.take("a").has_value());
  EXPECT_EQ(slots.refused(), 1U);
}

TEST(SenderSlots, NothingIsKeptOfWhoHasNone) {
  SenderSlots slots(1);
  {
    auto first = slots.take("a"), second = slots.take("b");
    EXPECT_EQ(slots.networks(), 2U);
    EXPECT_FALSE(slots.take("a").has_value());
    EXPECT_EQ(slots.networks(), 2U);
    *first = {};
    EXPECT_EQ(slots.networks(), 1U);
  }
  EXPECT_EQ(slots.networks(), 0U);
}

TEST(SenderSlots, ASlotIsGivenBackOnce) {
  SenderSlots slots(1);
  auto slot = slots.take("a");
  SenderSlots::Slot moved(std::move(*slot));
  slot.reset();
  EXPECT_EQ(slots.networks(), 1U);
  SenderSlots::Slot assigned;
  assigned = std::move(moved);
  EXPECT_FALSE(slots.take("a").has_value());
  assigned = {};
  EXPECT_TRUE(slots.take("a").has_value());
}

TEST(SenderSlots, ThreadsNeverHoldMoreThanTheBound) {
  constexpr int kThreads = 4, kRounds = 2'000, kMax = 2;
  SenderSlots slots(kMax);
  std::atomic<int> held{0}, most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        const auto slot = slots.take("a");
        if (!slot) continue;
        const int now = ++held;
        int before = most.load();
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        --held;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most.load(), kMax);
  EXPECT_EQ(slots.networks(), 0U);
}

}  // namespace
}  // namespace kpi::server
