#include "server/admission/label_gate.h"

#include <gtest/gtest.h>

#include <thread>

#include "kpi/limits.h"

namespace kpi::server {
namespace {

TEST(LabelGate, KnowsOnlyTheNamesOfItsRules) {
  LabelGate gate({{"browser"}, {"os"}});
  EXPECT_EQ(gate.find("os"), 1U);
  EXPECT_EQ(gate.name(1), "os");
  EXPECT_FALSE(gate.find("cookie"));
}

TEST(LabelGate, ListedValuesPassAndOthersAreFolded) {
  LabelGate gate({{"variant", {"A", "B"}}});
  EXPECT_EQ(gate.admit(0, "A"), "A");
  EXPECT_EQ(gate.admit(0, "C"), kOtherValue);
  EXPECT_EQ(gate.folded(), 1U);
}

TEST(LabelGate, AnyValuePassesUpToTheCapAndKnownOnesBeyond) {
  LabelGate gate({{"os", {}, 2}});
  EXPECT_EQ(gate.admit(0, "a"), "a");
  EXPECT_EQ(gate.admit(0, "b"), "b");
  EXPECT_EQ(gate.admit(0, "c"), kOtherValue);
  EXPECT_EQ(gate.admit(0, "b"), "b");
}

TEST(LabelGate, FoldsValuesBeyondTheStoresLimit) {
  LabelGate gate({{"os"}});
  const std::string longest(kLabelValueBytesMax, 'x');
  EXPECT_EQ(gate.admit(0, longest), longest);
  EXPECT_EQ(gate.admit(0, longest + "x"), kOtherValue);
}

TEST(LabelGate, KeepsItsCapWhenManyThreadsAsk) {
  LabelGate gate({{"os", {}, 10}});
  std::atomic<int> passed{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        const std::string value = std::to_string(t * 100 + i);
        if (gate.admit(0, value) == value) ++passed;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(passed, 10);
  EXPECT_EQ(gate.folded(), 390U);
}

}  // namespace
}  // namespace kpi::server
