#include "tools/kpi_query/script.h"

#include <gtest/gtest.h>

namespace kpi::tools {
namespace {

TEST(Script, IsCutAtSemicolonsOutsideOfQuotesAndComments) {
  const std::string_view script = "SELECT 'a;''b' -- c;\n; /* ; */ ;\nSHOW \"x;y\"";
  const auto statements = split_script(script);
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_EQ(statements[0].text, "SELECT 'a;''b' -- c;\n");
  EXPECT_TRUE(statements[0].finished);
  EXPECT_FALSE(statements[1].finished);
  EXPECT_EQ(script.substr(statements[1].offset), statements[1].text);
}

TEST(Script, WhatIsOpenAtTheEndIsNotFinished) {
  for (const char* script : {"SELECT 'a;", "SELECT /* ;", "SELECT \"a;", "SELECT 1 -- ;", "/* open",
                             "/* ; /* */", "/*/"}) {
    const auto statements = split_script(script);
    ASSERT_EQ(statements.size(), 1U) << script;
    EXPECT_FALSE(statements[0].finished) << script;
  }
  EXPECT_TRUE(split_script("  -- nothing\n;;").empty());
  EXPECT_TRUE(split_script("/* ; /* nothing */ ; */").empty());
}

}  // namespace
}  // namespace kpi::tools
