#include "server/pgwire/statement_scan.h"

#include <gtest/gtest.h>

namespace kpi::server::pgwire {
namespace {

TEST(StatementScan, SplitsOutsideOfQuotesAndComments) {
  const std::string_view text = "SELECT ';' -- one;\n, \"A;B\";; /* two; */\n Show  RPS ;";
  const auto statements = scan_statements(text);
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_EQ(statements[0].folded, "select ';' , \"A;B\"");
  EXPECT_EQ(statements[0].skeleton, "select '' , \"A;B\"");
  EXPECT_EQ(statements[1].folded, "show rps");
  EXPECT_EQ(text.substr(statements[1].offset, statements[1].text.size()), statements[1].text);
}

TEST(StatementScan, UnfinishedQuotesAndCommentsEndWithTheText) {
  EXPECT_EQ(scan_statements("SELECT 'a;b").size(), 1U);
  EXPECT_EQ(scan_statements("SELECT /* ;").size(), 1U);
  EXPECT_EQ(scan_statements("'it''s;'").size(), 1U);
  EXPECT_TRUE(scan_statements(" ; -- nothing\n;").empty());
  EXPECT_TRUE(scan_statements("").empty());
}

TEST(StatementScan, ListsAreSplitAtTheirOwnCommas) {
  const auto items = split_list("a, f(b, c) as d ,'e,f'");
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[1], "f(b, c) as d");
  EXPECT_EQ(items[2], "'e,f'");
  EXPECT_EQ(find_top_level("(select 1 from x) from y", " from "), 17U);
  EXPECT_EQ(find_top_level("' from '", " from "), std::string_view::npos);
}

}  // namespace
}  // namespace kpi::server::pgwire
