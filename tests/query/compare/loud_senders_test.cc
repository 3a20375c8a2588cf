// When COMPARE warns that a difference may be one sender's alone.
#include "query/compare/loud_senders.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/model_store.h"

namespace kpi::test {
namespace {

using query::has_loud_sender;
using query::JudgedGroup;

constexpr std::int64_t kBefore = 1'795'003'200'000, kAfter = kBefore + kDayMs;

bool loud(double baseline, double candidate) {
  JudgedGroup group;
  group.loud = {baseline, candidate};
  return has_loud_sender(group);
}

TEST(LoudSenders, HaveMoreThanAFifthAndTwiceTheOtherSide) {
  static_assert(query::kLoudShareMax == 0.2);
  EXPECT_FALSE(loud(0, 0));
  EXPECT_FALSE(loud(0, 0.2));
  EXPECT_TRUE(loud(0, 0.21));
  EXPECT_TRUE(loud(0.21, 0));
  EXPECT_FALSE(loud(0.25, 0.5));
  EXPECT_TRUE(loud(0.25, 0.51));
  EXPECT_TRUE(loud(0.51, 0.25));
  EXPECT_FALSE(loud(1, 1));
  EXPECT_FALSE(has_loud_sender({}));
}

std::string rp_of(std::size_t number) { return "https://rp" + std::to_string(number); }

// Of each RP as many reports on both sides; those of the candidate of one network.
std::vector<ModelEvent> events(std::size_t rps) {
  std::vector<ModelEvent> events;
  for (std::size_t rp = 0; rp < rps; ++rp) {
    for (std::uint64_t i = 0; i < 2 * kLoudHourReportsMin; ++i) {
      ModelEvent& event = events.emplace_back();
      event.rp = rp_of(rp);
      event.time_ms = i % 2 == 0 ? kBefore : kAfter;
      event.kind = EventKind(Outcome::kSuccess, UiShown::kUnknown);
      event.sender = i % 2 == 0 ? i + 1 : 1;
    }
  }
  return events;
}

// Notes that begin so, of a comparison of `rps` RPs by name.
std::vector<std::string> notes(std::size_t rps, const std::string& rest,
                               const query::Options& options = {}) {
  ModelStore store(events(rps));
  std::string names;
  for (std::size_t rp = 0; rp < rps; ++rp) names += (rp == 0 ? "'" : ", '") + rp_of(rp) + "'";
  const auto statements = query::parse(
      "COMPARE success_rate() BASELINE time < '2026-11-19' CANDIDATE time >= '2026-11-19' "
      "WHERE rp IN (" +
      names + ") " + rest);
  EXPECT_TRUE(statements.ok());
  auto table = query::run(statements.value().at(0), store, options);
  EXPECT_TRUE(table.ok());
  std::erase_if(table.value().notes,
                [](const std::string& note) { return note.rfind("loud", 0) != 0; });
  return table.value().notes;
}

TEST(LoudSenders, AreLookedForAmongSoManyRps) {
  static_assert(query::kLoudRpsMax == 16);
  EXPECT_EQ(notes(16, "").size(), 1U);
  EXPECT_EQ(notes(17, "").size(), 0U);
}

TEST(LoudSenders, AreToldOfSoManyGroups) {
  EXPECT_EQ(notes(10, "GROUP BY rp").size(), 10U);
  const auto told = notes(12, "GROUP BY rp");
  ASSERT_EQ(told.size(), 11U);
  EXPECT_EQ(told.back(), "loud senders in 2 groups more");
}

TEST(LoudSenders, AreLookedForWhereAPlanSaysSo) {
  ModelStore store(events(1));
  const auto looks = [&store](const std::string& rest) {
    const auto statements = query::parse(
        "EXPLAIN COMPARE success_rate() BASELINE time < '2026-11-19' CANDIDATE time >= "
        "'2026-11-19' " +
        rest);
    EXPECT_TRUE(statements.ok());
    const auto table = query::run(statements.value().at(0), store, {});
    EXPECT_TRUE(table.ok());
    const auto& rows = table.value().rows;
    return std::any_of(rows.begin(), rows.end(), [](const auto& row) {
      return std::get<std::string>(row[0]) == "Look for a loud sender on one side";
    });
  };
  EXPECT_TRUE(looks("WHERE rp = 'https://rp0'"));
  EXPECT_TRUE(looks("WHERE rp = 'https://rp0' AND rp LIKE '%0' GROUP BY rp"));
  EXPECT_FALSE(looks(""));
  EXPECT_FALSE(looks("WHERE rp <> 'https://rp0'"));
  EXPECT_FALSE(looks("WHERE rp LIKE '%0'"));
  EXPECT_FALSE(looks("WHERE rp = 'https://rp0' AND client = ''"));
  EXPECT_FALSE(looks("WHERE rp = 'https://rp0' GROUP BY outcome"));
}

// A reader learns nothing of what is hidden.
TEST(LoudSenders, OfGroupsThatAreTooSmallAreNotTold) {
  query::Options options;
  options.min_group_size = kLoudHourReportsMin;
  EXPECT_EQ(notes(1, "GROUP BY rp", options).size(), 1U);
  ++options.min_group_size;
  EXPECT_EQ(notes(1, "GROUP BY rp", options).size(), 0U);
}

}  // namespace
}  // namespace kpi::test
