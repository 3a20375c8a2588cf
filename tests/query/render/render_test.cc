#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kpi/query.h"
#include "kpi/render.h"

namespace kpi::query {
namespace {

constexpr std::int64_t kNine = 1'795'338'000'000;  // 2026-11-22 09:00:00

Table sample() {
  return {{{"t", Type::kTimestamp},
           {"rp", Type::kText},
           {"n", Type::kInt8},
           {"rate", Type::kFloat8},
           {"ok", Type::kBool}},
          {{kNine, "https://rp.example", std::int64_t{7}, 0.5, true},
           {kNine + 1, "a,\"b\"\n\t\\", std::int64_t{-12}, Value{}, false}},
          "SELECT 2",
          {}};
}

TEST(ToText, TimesHaveMillisecondsOnlyWhereThereAreSome) {
  EXPECT_EQ(to_text(kNine, Type::kTimestamp), "2026-11-22 09:00:00+00");
  EXPECT_EQ(to_text(kNine + 45, Type::kTimestamp), "2026-11-22 09:00:00.045+00");
  EXPECT_EQ(to_text(std::int64_t{0}, Type::kTimestamp), "1970-01-01 00:00:00+00");
  EXPECT_EQ(to_text(std::int64_t{-1}, Type::kTimestamp), "1969-12-31 23:59:59.999+00");
  EXPECT_EQ(to_text(std::int64_t{951'782'400'000}, Type::kTimestamp), "2000-02-29 00:00:00+00");
  for (const auto extreme :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_FALSE(to_text(extreme, Type::kTimestamp).empty());
  }
}

TEST(ToText, NumbersAreShortWithAtMostFourDecimals) {
  const auto text = [](double value) { return to_text(value, Type::kFloat8); };
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(2.0 / 3), "0.6667");
  EXPECT_EQ(text(1500), "1500");
  EXPECT_EQ(text(0), "0");
  EXPECT_EQ(text(-1e-16), "0");
  EXPECT_EQ(text(-0.5), "-0.5");
  EXPECT_EQ(text(0.001), "0.001");
  EXPECT_EQ(text(999999999.9999), "999999999.9999");
  EXPECT_EQ(text(1000000000.5), "1000000000.5");
  EXPECT_EQ(text(-1e9), "-1000000000");
  EXPECT_EQ(text(1e15), "1e+15");
  EXPECT_EQ(text(999999999999999.0), "999999999999999");
  EXPECT_EQ(text(std::nan("")), "NaN");
  EXPECT_EQ(text(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(to_text(true, Type::kBool), "t");
  EXPECT_EQ(to_text(std::numeric_limits<std::int64_t>::min(), Type::kInt8), "-9223372036854775808");
}

// A p-value is never 0, and must not look it.
TEST(ToText, SmallNumbersAreNotZero) {
  const auto text = [](double value) { return to_text(value, Type::kFloat8); };
  EXPECT_EQ(text(0.0000499), "5e-05");
  EXPECT_EQ(text(-0.00001234), "-1.2e-05");
  EXPECT_EQ(text(0.000194), "0.00019");
  EXPECT_EQ(text(0.0009996), "0.001");
  EXPECT_EQ(text(0.99946), "0.99946");
  EXPECT_EQ(text(0.9999), "0.9999");
  EXPECT_EQ(text(0.99996), "0.99996") << "no share below 1 prints as 1";
  EXPECT_EQ(text(0.9999834), "0.999983");
  EXPECT_EQ(text(1 - 1e-9), "0.999999999");
  EXPECT_EQ(text(1 - 1e-13), "1") << "what sums of doubles lack of a 1";
  EXPECT_EQ(text(1.0), "1");
  EXPECT_EQ(text(1e-12), "1e-12");
  EXPECT_EQ(text(0.9e-12), "0");
}

TEST(RenderTable, DrawsABoxWithNumbersToTheRight) {
  EXPECT_EQ(render({{{"rp", Type::kText}, {"n", Type::kInt8}},
                    {{"a", std::int64_t{10}}, {Value{}, std::int64_t{7}}},
                    "SELECT 2",
                    {}},
                   Format::kTable, {.null_text = "-"}),
            "┌────┬────┐\n"
            "│ rp │  n │\n"
            "├────┼────┤\n"
            "│ a  │ 10 │\n"
            "│ -  │  7 │\n"
            "└────┴────┘\n"
            "(2 rows)\n");
}

TEST(RenderTable, AsciiLooksAsPsqlDoes) {
  EXPECT_EQ(render({{{"rp", Type::kText}, {"n", Type::kInt8}}, {{"a", std::int64_t{10}}}, "", {}},
                   Format::kTable, {.unicode = false}),
            " rp |  n\n----+----\n a  | 10\n(1 row)\n");
}

TEST(RenderTable, CutsWideTextButNoNumber) {
  const Table table = {{{"text", Type::kText}, {"n", Type::kInt8}},
                       {{std::string(100, 'x'), std::int64_t{1'234'567'890'123}}},
                       "",
                       {}};
  const std::string cut = render(table, Format::kTable, {.header = false, .width_columns = 40});
  EXPECT_NE(cut.find("xxx…"), std::string::npos) << cut;
  EXPECT_NE(cut.find("1234567890123"), std::string::npos) << cut;
  const std::string narrow = render(table, Format::kTable, {.header = false, .width_columns = 5});
  EXPECT_NE(narrow.find("│ xxxxxxx… │ 1234567890123 │"), std::string::npos) << narrow;
}

TEST(RenderTable, TerminalCommandsInDataAreShownNotObeyed) {
  const Table table = {{{"a\x1b[31m", Type::kText}}, {{"\x1b]0;title\x07"}}, "", {}};
  const std::string text = render(table, Format::kTable, {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_NE(text.find("\\x1b]0;title\\x07"), std::string::npos);
}

TEST(RenderTable, AStatementWithoutColumnsShowsItsTag) {
  EXPECT_EQ(render({{}, {}, "SET", {}}, Format::kTable, {}), "SET\n");
}

TEST(RenderCsv, QuotesWhatNeedsItAndTellsNullFromEmpty) {
  EXPECT_EQ(render(sample(), Format::kCsv, {}),
            "t,rp,n,rate,ok\r\n"
            "2026-11-22 09:00:00+00,https://rp.example,7,0.5,t\r\n"
            "2026-11-22 09:00:00.001+00,\"a,\"\"b\"\"\n\t\\\",-12,,f\r\n");
  const Table empty = {{{"x", Type::kText}, {"y", Type::kText}}, {{"", Value{}}}, "", {}};
  EXPECT_EQ(render(empty, Format::kCsv, {.header = false}), "\"\",\r\n");
  const Table nulls = {{{"x", Type::kText}, {"y", Type::kText}}, {{"NULL", Value{}}}, "", {}};
  EXPECT_EQ(render(nulls, Format::kCsv, {.header = false, .null_text = "NULL"}),
            "\"NULL\",NULL\r\n");
}

TEST(RenderTsv, EscapesSoThatLinesAndFieldsStayWhole) {
  EXPECT_EQ(render(sample(), Format::kTsv, {.header = false, .null_text = "\\N"}),
            "2026-11-22 09:00:00+00\thttps://rp.example\t7\t0.5\tt\n"
            "2026-11-22 09:00:00.001+00\ta,\"b\"\\n\\t\\\\\t-12\t\\N\tf\n");
}

TEST(RenderJson, KeepsTypesAndNamesApart) {
  EXPECT_EQ(
      render(sample(), Format::kNdjson, {}),
      R"({"t":"2026-11-22T09:00:00Z","rp":"https://rp.example","n":7,"rate":0.5,"ok":true})"
      "\n"
      R"({"t":"2026-11-22T09:00:00.001Z","rp":"a,\"b\"\n\u0009\\","n":-12,"rate":null,"ok":false})"
      "\n");
  const Table doubled = {{{"count", Type::kInt8}, {"count", Type::kInt8}},
                         {{std::int64_t{1}, std::int64_t{2}}},
                         "",
                         {}};
  EXPECT_EQ(render(doubled, Format::kJson, {}), "[{\"count\":1,\"count_2\":2}]\n");
  EXPECT_EQ(render({{{"x", Type::kText}}, {}, "", {}}, Format::kJson, {}), "[]\n");
  EXPECT_EQ(render({{{"x", Type::kFloat8}}, {{std::nan("")}}, "", {}}, Format::kJson, {}),
            "[{\"x\":\"NaN\"}]\n");
  EXPECT_EQ(render({{{"x", Type::kText}}, {{"\xFF\x01"}}, "", {}}, Format::kNdjson, {}),
            "{\"x\":\"\\ufffd\\u0001\"}\n");
}

TEST(ParseFormat, KnowsItsNames) {
  EXPECT_EQ(parse_format("ndjson"), Format::kNdjson);
  EXPECT_EQ(parse_format("xml"), std::nullopt);
}

TEST(PieceRenderer, PiecesAreTheWholeText) {
  Table table;
  table.columns = {{"t", Type::kTimestamp}, {"name", Type::kText}, {"n", Type::kInt8}};
  for (std::int64_t i = 0; i < 100; ++i) {
    table.rows.push_back({i * 1000, i % 3 == 0 ? Value() : Value("x, \"y\"\n"), i});
  }
  for (const std::size_t rows : {100U, 1U, 0U}) {
    table.rows.resize(rows);
    for (const Format format : {Format::kCsv, Format::kTsv, Format::kJson, Format::kNdjson}) {
      PieceRenderer renderer(table, format, {});
      std::string text;
      std::size_t pieces = 1, before = 0;
      for (; renderer.next(text, 200); ++pieces) {
        EXPECT_GE(text.size() - before, 200U);
        before = text.size();
      }
      EXPECT_EQ(text, render(table, format, {}));
      EXPECT_EQ(pieces > 5, rows == 100);
    }
  }
}

}  // namespace
}  // namespace kpi::query
