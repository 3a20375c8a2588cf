// Upkeep: nothing that a log is given can make a line of its own, and no event can flood it.
#include "server/operate/log.h"

#include <gtest/gtest.h>

#include "server/operate/repeat_limit.h"

namespace kpi::server {
namespace {

TEST(Log, OneLineAnEventWhateverTheValue) {
  EXPECT_EQ(log_line("ready", {}), R"("event":"ready")");
  EXPECT_EQ(log_line("opened", {{"ms", "12"}, {"dir", "/var/lib/kpi"}}),
            R"("event":"opened","ms":"12","dir":"/var/lib/kpi")");
  EXPECT_EQ(log_line("x", {{"a", ""}, {"b", "two words"}, {"c", "\"\\\n\x1b\x7f"}}),
            R"("event":"x","a":"","b":"two words","c":"\"\\\n\u001b\u007f")");
  EXPECT_EQ(log_line("x", {{"a", "\u0085\u202e"}}), R"("event":"x","a":"\u0085\u202e")");
  EXPECT_EQ(log_line("x", {{"a", "\xff"}}), R"("event":"x","a":"\ufffd")");
}

using Told = std::vector<std::pair<std::string, std::uint64_t>>;

Told told(const std::vector<RepeatLimit::Suppressed>& ended) {
  Told pairs;
  for (const auto& [event, count] : ended) pairs.emplace_back(event, count);
  return pairs;
}

TEST(RepeatLimit, AdmitsAsManyAsAllowedAndNotOneMore) {
  RepeatLimit limit;
  for (std::uint64_t i = 0; i < RepeatLimit::kPerInterval; ++i) EXPECT_TRUE(limit.admit("a", 5));
  EXPECT_FALSE(limit.admit("a", 6));
  EXPECT_FALSE(limit.admit("a", 5 + RepeatLimit::kIntervalMs - 1));
  EXPECT_TRUE(limit.admit("b", 6)) << "another name has its own allowance";
}

TEST(RepeatLimit, TellsOnceHowManyWereHeldBack) {
  RepeatLimit limit;
  for (std::uint64_t i = 0; i < RepeatLimit::kPerInterval + 7; ++i) (void)limit.admit("a", 5);
  (void)limit.admit("quiet", 5);
  EXPECT_EQ(told(limit.take_ended(5 + RepeatLimit::kIntervalMs - 1)), Told());
  EXPECT_EQ(told(limit.take_ended(5 + RepeatLimit::kIntervalMs)), (Told{{"a", 7}}));
  EXPECT_EQ(told(limit.take_ended(5 + RepeatLimit::kIntervalMs)), Told());
  EXPECT_TRUE(limit.admit("a", 5 + RepeatLimit::kIntervalMs)) << "a new interval";
}

TEST(RepeatLimit, TheLastTellsOfIntervalsUnderWay) {
  RepeatLimit limit;
  for (std::uint64_t i = 0; i < RepeatLimit::kPerInterval + 1; ++i) (void)limit.admit("a", 0);
  EXPECT_EQ(told(limit.take_all()), (Told{{"a", 1}}));
}

TEST(RepeatLimit, NamesBeyondTheLimitShareOneAllowance) {
  RepeatLimit limit;
  for (std::size_t i = 0; i < RepeatLimit::kNamesMax; ++i) {
    EXPECT_TRUE(limit.admit("event" + std::to_string(i), 0));
  }
  std::uint64_t admitted = 0;
  for (std::size_t i = 0; i < 1'000; ++i) admitted += limit.admit("more" + std::to_string(i), 0);
  EXPECT_EQ(admitted, RepeatLimit::kPerInterval);
  EXPECT_EQ(told(limit.take_all()), (Told{{"(other)", 1'000 - RepeatLimit::kPerInterval}}));
}

}  // namespace
}  // namespace kpi::server
