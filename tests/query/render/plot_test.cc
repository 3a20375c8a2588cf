#include <gtest/gtest.h>

#include "kpi/query.h"
#include "kpi/render.h"

namespace kpi::query {
namespace {

Table hours(std::size_t count, std::size_t series) {
  Table table;
  table.columns.push_back({"t", Type::kTimestamp});
  for (std::size_t s = 0; s < series; ++s) {
    table.columns.push_back({"p" + std::to_string(50 + s), Type::kFloat8});
  }
  for (std::size_t i = 0; i < count; ++i) {
    auto& row = table.rows.emplace_back();
    row.emplace_back(static_cast<std::int64_t>(i) * 3'600'000);
    for (std::size_t s = 0; s < series; ++s) row.emplace_back(static_cast<double>(i + 100 * s));
  }
  return table;
}

TEST(Plot, DrawsLinesWithLegendAndAxes) {
  const auto result = plot(hours(48, 2), {.width_columns = 60});
  ASSERT_TRUE(result.ok()) << result.error().message;
  const std::string& text = result.value();
  EXPECT_EQ(text.substr(0, text.find('\n')), "1 p50   2 p51");
  EXPECT_NE(text.find("┤"), std::string::npos);
  EXPECT_NE(text.find("1970-01-01 00:00"), std::string::npos) << text;
  EXPECT_NE(text.find("1970-01-02 23:00"), std::string::npos) << text;
}

TEST(Plot, AsciiNeedsNoUnicode) {
  const auto result = plot(hours(48, 3), {.width_columns = 60, .unicode = false});
  ASSERT_TRUE(result.ok());
  for (const char c : result.value()) EXPECT_EQ(static_cast<unsigned char>(c) & 0x80, 0);
  EXPECT_NE(result.value().find("* p50   + p51   o p52"), std::string::npos) << result.value();
}

TEST(Plot, TextColumnsGiveBars) {
  const Table table = {{{"rp", Type::kText}, {"n", Type::kInt8}},
                       {{"a", std::int64_t{4}}, {"bb", std::int64_t{2}}, {Value{}, Value{}}},
                       "",
                       {}};
  EXPECT_EQ(plot(table, {.width_columns = 26, .unicode = false}).value(),
            "n\na      |############### 4\nbb     |######## 2\n(null) | \n");
  EXPECT_NE(plot(table, {.width_columns = 26}).value().find("bb     │███████▌ 2"),
            std::string::npos);
}

TEST(Plot, RefusesWhatCannotBeDrawnAndSaysWhy) {
  const Table words = {{{"rp", Type::kText}}, {{"a"}}, "", {}};
  EXPECT_EQ(plot(words, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(plot({{{"n", Type::kInt8}}, {{std::int64_t{1}}}, "", {}}, {}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_FALSE(plot(hours(0, 1), {}).ok());
  EXPECT_TRUE(plot(hours(3, 9), {}).ok());    // At the limit
  EXPECT_FALSE(plot(hours(3, 10), {}).ok());  // and beyond.
}

TEST(Plot, OnePointAndEqualValuesAndAnyWidthAreFine) {
  for (int width : {0, 1, 5, 30, 200}) {
    EXPECT_TRUE(plot(hours(1, 1), {.width_columns = width}).ok());
    EXPECT_TRUE(plot(hours(5, 1), {.width_columns = width, .unicode = false}).ok());
  }
  Table flat = hours(4, 1);
  for (auto& row : flat.rows) row[1] = -3.5;
  EXPECT_TRUE(plot(flat, {}).ok());
}

}  // namespace
}  // namespace kpi::query
