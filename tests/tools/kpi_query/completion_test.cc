#include "tools/kpi_query/completion.h"

#include <gtest/gtest.h>

namespace kpi::tools {
namespace {

using Candidates = std::vector<std::string>;

const Names& sample_names() {
  static const Names kNames = {{"https://a.example", "https://a.test", "it's"},
                               {"screen.rp_info", "turnaround_time"},
                               {"v42"},
                               {{"browser", {"Chrome", "Firefox"}}, {"variant", {"A", "B"}}}};
  return kNames;
}

Completion at(std::string_view text) {
  static constexpr std::string_view kCommands[] = {"\\watch", "\\q", "\\quit"};
  return complete(text, kCommands, []() -> const Names& { return sample_names(); });
}

TEST(Completion, WordsKeepTheCaseOfWhatWasTyped) {
  EXPECT_EQ(at("sel").candidates, Candidates{"select"});
  EXPECT_EQ(at("SEL").candidates, Candidates{"SELECT"});
  EXPECT_EQ(at("SELECT p9").candidates, (Candidates{"p90(", "p95(", "p99(", "p99_9("}));
  EXPECT_EQ(at("SELECT p9").begin, 7U);
  EXPECT_EQ(at("SELECT p50(turn").candidates, Candidates{"turnaround_time"});
  EXPECT_EQ(at("SELECT p50(screen.r").candidates, Candidates{"screen.rp_info"});
  EXPECT_EQ(at("SELECT count(*) FROM events GROUP BY brow").candidates, Candidates{"browser"});
  EXPECT_TRUE(at("SELECT zzz").candidates.empty());
  EXPECT_EQ(at("SHOW me").candidates, Candidates{"measures"});
  EXPECT_EQ(at("f").candidates, (Candidates{"follow", "funnel"}));
}

TEST(Completion, WithinQuotesByWhatStandsBeforeThem) {
  EXPECT_EQ(at("SELECT 1 WHERE rp = 'https").candidates,
            (Candidates{"https://a.example'", "https://a.test'"}));
  EXPECT_EQ(at("SELECT 1 WHERE rp = 'https").begin, 21U);
  EXPECT_EQ(at("SELECT 1 WHERE rp NOT IN ('https://a.test', 'i").candidates, Candidates{"it''s'"});
  EXPECT_EQ(at("SHOW CLIENTS FOR 'https://a.e").candidates, Candidates{"https://a.example'"});
  EXPECT_EQ(at("SELECT 1 WHERE browser LIKE 'f").candidates, Candidates{"Firefox'"});
  EXPECT_EQ(at("SELECT 1 WHERE outcome <> '").candidates,
            (Candidates{"failure'", "success'", "unknown'"}));
  EXPECT_EQ(at("COMPARE 1 AROUND MILESTONE '").candidates, Candidates{"v42'"});
  EXPECT_EQ(at("FUNNEL 'screen.rp_info', 'turn").candidates, Candidates{"turnaround_time'"});
  EXPECT_EQ(at("SELECT p50(\"turn").candidates, Candidates{"turnaround_time\""});
  EXPECT_TRUE(at("SELECT 1 WHERE nothing = '").candidates.empty());
}

TEST(Completion, FinishedStatementsAndQuotesAreBehind) {
  EXPECT_EQ(at("SELECT 'a;' ; sh").candidates, Candidates{"show"});
  EXPECT_EQ(at("SELECT 'rp' ; sh").begin, 14U);
  EXPECT_EQ(at("SELECT 1 WHERE rp = 'it''s' AND vari").candidates, Candidates{"variant"});
}

TEST(Completion, CommandsBeginALine) {
  EXPECT_EQ(at("\\w").candidates, Candidates{"\\watch"});
  EXPECT_EQ(at(".q").candidates, (Candidates{".q", ".quit"}));
  EXPECT_TRUE(at("\\watch w").candidates.empty());
}

TEST(Completion, AnyTextIsHarmless) {
  const std::string text =
      "SELECT p50(\"a\") FROM events WHERE rp IN ('x', 'it''s') -- it's\n/* ' */ \\.";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    EXPECT_LE(at(text.substr(0, size)).begin, size);
  }
}

TEST(CommonBeginning, EndsWhereNamesDifferAndNotWithinACharacter) {
  EXPECT_EQ(common_beginning({}), "");
  EXPECT_EQ(common_beginning({"abc"}), "abc");
  EXPECT_EQ(common_beginning({"abcd", "abx"}), "ab");
  EXPECT_EQ(common_beginning({"a\xC3\xA9", "a\xC3\xA8"}), "a");
}

}  // namespace
}  // namespace kpi::tools
