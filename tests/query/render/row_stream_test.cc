#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "kpi/query.h"
#include "kpi/render.h"

namespace kpi::query {
namespace {

constexpr std::int64_t kNine = 1'795'338'000'000;  // 2026-11-22 09:00:00

Table sample(std::int64_t rows) {
  Table table;
  table.columns = {{"t", Type::kTimestamp}, {"name", Type::kText}, {"n", Type::kInt8}};
  for (std::int64_t i = 0; i < rows; ++i) {
    table.rows.push_back({kNine + i, i % 3 == 0 ? Value() : Value("x, \"y\"\n|"), i});
  }
  return table;
}

TEST(RowStream, RowsThatComeBitByBitAreTheWholeText) {
  for (const std::int64_t rows : {0, 1, 100}) {
    const Table table = sample(rows);
    for (const Format format :
         {Format::kCsv, Format::kTsv, Format::kJson, Format::kNdjson, Format::kMarkdown}) {
      RowStream stream(table.columns, format, {});
      std::string text;
      for (const auto& row : table.rows) stream.append(text, {row});
      stream.finish(text);
      EXPECT_EQ(text, render(table, format, {})) << static_cast<int>(format);
    }
  }
}

TEST(RowStream, TheFirstRowsNeedNotWaitForTheNext) {
  RowStream stream(sample(0).columns, Format::kTsv, {});
  std::string text;
  stream.append(text, {});
  EXPECT_EQ(text, "t\tname\tn\n");
  stream.append(text, sample(1).rows);
  EXPECT_EQ(text, "t\tname\tn\n2026-11-22 09:00:00+00\t\t0\n");
}

TEST(RowStream, EveryLineIsWholeWhenItsRowIs) {
  for (const Format format : {Format::kCsv, Format::kTsv, Format::kNdjson, Format::kMarkdown}) {
    RowStream stream(sample(0).columns, format, {});
    std::string text;
    stream.append(text, sample(1).rows);
    EXPECT_EQ(text.back(), '\n') << static_cast<int>(format);
  }
}

TEST(RowStream, ATableIsAlignedByWhatHasCome) {
  RowStream stream({{"rp", Type::kText}, {"n", Type::kInt8}}, Format::kTable, {});
  std::string text;
  stream.append(text, {{"a", std::int64_t{1}}});
  stream.append(text, {{"https://long.example", std::int64_t{22}}});
  stream.append(text, {{"b", std::int64_t{3}}, {Value(), std::int64_t{1'234'567}}});
  stream.append(text, {{std::string(80, 'w'), std::int64_t{4}}, {"c\x1b[2J", std::int64_t{5}}});
  EXPECT_EQ(text,
            "rp                 n\n"
            "a                  1\n"
            "https://long.example      22\n"
            "b                          3\n"
            "                      1234567\n" +
                std::string(80, 'w') + "        4\n" + "c\\x1b[2J" + std::string(52, ' ') +
                "        5\n");
}

TEST(TimeForm, TimesReadAsAsked) {
  const Table table = {{{"t", Type::kTimestamp}}, {{kNine + 125}, {std::int64_t{-1500}}}, "", {}};
  const auto text = [&](Format format, TimeForm form) {
    return render(table, format, {.header = false, .time = form});
  };
  EXPECT_EQ(text(Format::kTsv, TimeForm::kDefault),
            "2026-11-22 09:00:00.125+00\n1969-12-31 23:59:58.500+00\n");
  EXPECT_EQ(text(Format::kTsv, TimeForm::kRfc3339),
            "2026-11-22T09:00:00.125Z\n1969-12-31T23:59:58.500Z\n");
  EXPECT_EQ(text(Format::kCsv, TimeForm::kUnix), "1795338000.125\r\n-1.500\r\n");
  EXPECT_EQ(text(Format::kNdjson, TimeForm::kUnix), "{\"t\":1795338000.125}\n{\"t\":-1.500}\n");
  EXPECT_EQ(text(Format::kNdjson, TimeForm::kDefault).substr(0, 30),
            "{\"t\":\"2026-11-22T09:00:00.125Z");
  EXPECT_EQ(parse_time_form("local"), TimeForm::kLocal);
  EXPECT_EQ(parse_time_form("iso"), std::nullopt);
}

TEST(TimeForm, LocalTimesHaveTheirOffset) {
  const Table table = {{{"t", Type::kTimestamp}}, {{kNine}, {std::int64_t{-1}}}, "", {}};
  const auto in_zone = [&](const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
    return render(table, Format::kTsv, {.header = false, .time = TimeForm::kLocal});
  };
  EXPECT_EQ(in_zone("IST-5:30"), "2026-11-22 14:30:00+05:30\n1970-01-01 05:29:59.999+05:30\n");
  EXPECT_EQ(in_zone("YYY3"), "2026-11-22 06:00:00-03:00\n1969-12-31 20:59:59.999-03:00\n");
  unsetenv("TZ");
  tzset();
}

}  // namespace
}  // namespace kpi::query
