// Threat "query DoS": each user has a bounded number of statements under way.
#include "server/auth/statement_slots.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kpi::auth {
namespace {

TEST(StatementSlots, AreBoundedForEachUser) {
  StatementSlots slots(2);
  auto first = slots.take("a"), second = slots.take("a");
  EXPECT_TRUE(first && second);
  EXPECT_EQ(slots.take("a"), nullptr);
  EXPECT_NE(slots.take("b"), nullptr) << "another's";
  EXPECT_NE(slots.take(""), nullptr) << "of who has no name";
  EXPECT_EQ(slots.under_way(), 2U);
  EXPECT_EQ(slots.refused(), 1U);
  first.reset();
  EXPECT_NE(slots.take("a"), nullptr);
  second.reset();
  EXPECT_EQ(slots.under_way(), 0U);
}

TEST(StatementSlots, AreNeverMoreFromManyThreads) {
  StatementSlots slots(3);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&slots] {
      for (int n = 0; n < 20'000; ++n) {
        const auto slot = slots.take("a");
        EXPECT_LE(slots.under_way(), 3U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(slots.under_way(), 0U);
}

}  // namespace
}  // namespace kpi::auth
