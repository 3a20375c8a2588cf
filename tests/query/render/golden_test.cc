// Charts and tables word for word, against the files in golden/. KPI_UPDATE_GOLDEN=1 writes those
// that differ; read them before they are committed.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>

#include "kpi/query.h"
#include "kpi/render.h"

namespace kpi::query {
namespace {

constexpr std::int64_t kNine = 1'795'338'000'000;  // 2026-11-22 09:00:00
constexpr std::int64_t kHour = 3'600'000;

using Course = std::function<Value(std::size_t)>;

Table over_time(std::size_t count, const std::vector<std::pair<std::string, Course>>& columns) {
  Table table;
  table.columns.push_back({"t", Type::kTimestamp});
  for (const auto& [name, course] : columns) table.columns.push_back({name, Type::kFloat8});
  for (std::size_t i = 0; i < count; ++i) {
    auto& row = table.rows.emplace_back();
    row.emplace_back(kNine + static_cast<std::int64_t>(i) * kHour);
    for (const auto& [name, course] : columns) row.push_back(course(i));
  }
  return table;
}

double wave(std::size_t i, double period) {
  return 300 + 100 * std::sin(static_cast<double>(i) / period);
}

Table keyed() {
  Table table{{{"t", Type::kTimestamp}, {"rp", Type::kText}, {"n", Type::kInt8}}, {}, "", {}};
  for (std::int64_t i = 0; i < 24; ++i) {
    table.rows.push_back({kNine + i * kHour, "https://a.example", 100 + 10 * i});
    if (i < 8 || i > 12)
      table.rows.push_back({kNine + i * kHour, "https://b.example", 300 - 5 * i});
    table.rows.push_back({kNine + i * kHour, Value{}, std::int64_t{50}});
  }
  return table;
}

// Two humps, the upper one moving; nothing from 10 to 14.
Table humps(std::size_t count) {
  Table table{{{"t", Type::kTimestamp}, {"histogram", Type::kText}}, {}, "", {}};
  for (std::size_t i = 0; i < count; ++i) {
    if (count > 20 && i >= 10 && i < 14) continue;
    std::string bins = "[[40,41,30],[60,61,80],[90,91,20]";
    const std::size_t slow = 900 + 60 * i;
    bins += ",[" + std::to_string(slow) + ',' + std::to_string(slow + 8) + ",45],[" +
            std::to_string(2 * slow) + ',' + std::to_string(2 * slow + 16) + ",3]]";
    table.rows.push_back({kNine + static_cast<std::int64_t>(i) * kHour, bins});
  }
  return table;
}

Table bars() {
  return {{{"rp", Type::kText}, {"n", Type::kInt8}, {"change", Type::kFloat8}},
          {{"https://a.example", std::int64_t{120}, 0.25},
           {"https://日本.example", std::int64_t{60}, -0.5},
           {Value{}, std::int64_t{1}, Value{}},
           {"", std::int64_t{0}, 0.0}},
          "",
          {}};
}

const std::vector<Milestone> kMarks = {{"v42", kNine + 6 * kHour},
                                       {"outage", kNine + 30 * kHour},
                                       {"v43", kNine + 30 * kHour},
                                       {"before", kNine - kHour},
                                       {"after", kNine + 100 * kHour}};

std::string shown(const Result<std::string>& result) {
  return result.ok() ? result.value() : "error: " + result.error().message + '\n';
}

// Each case in Unicode and in ASCII.
struct Case {
  std::string name;
  std::function<std::string(const RenderOptions& options)> draw;
};

Case plotted(std::string name, Table table, std::vector<Milestone> marks = {}) {
  return {std::move(name), [table = std::move(table), marks](RenderOptions options) {
            options.marks = marks;
            return shown(plot(table, options));
          }};
}

Case sparked(std::string name, Table table) {
  return {std::move(name), [table = std::move(table)](const RenderOptions& options) {
            return shown(sparklines(table, options));
          }};
}

Case tabled(std::string name, Table table, Format format, RenderOptions wanted) {
  return {std::move(name),
          [table = std::move(table), format, wanted](const RenderOptions& options) {
            RenderOptions merged = wanted;
            merged.unicode = options.unicode;
            if (merged.width_columns == 0) merged.width_columns = options.width_columns;
            return render(table, format, merged);
          }};
}

Table odd_text() {
  return {{{"rp", Type::kText}, {"turnaround_time_p50", Type::kFloat8}, {"note", Type::kText}},
          {{"https://日本語.example", 312.5, "a|b\nc\\d <i>*x*"},
           {"e\xCC\x81te\xCC\x81", Value{}, "कि हिन्दी"},
           {"https://a-rather-long-name.example", 1.0, std::string(60, 'w')}},
          "SELECT 3",
          {}};
}

std::vector<Case> cases() {
  const auto rising = [](std::size_t i) { return Value(static_cast<double>(i)); };
  const auto null = [](std::size_t) { return Value(); };
  const auto gaps = [](std::size_t i) { return i % 10 < 6 ? Value(wave(i, 4)) : Value(); };
  const auto spiky = [](std::size_t i) { return Value(i == 7777 ? 1000.0 : wave(i, 700)); };
  const auto huge = [](std::size_t i) { return Value((i % 2 == 0 ? 1 : -1) * 9e299); };
  const auto infinite = [](std::size_t i) {
    return Value(i == 3 ? std::numeric_limits<double>::infinity() : 1.0);
  };
  return {
      plotted("lines_two", over_time(48, {{"p50", [](std::size_t i) { return wave(i, 6); }},
                                          {"p95", [](std::size_t i) { return 2 * wave(i, 9); }}})),
      plotted("lines_milestones", over_time(48, {{"p50", rising}}), kMarks),
      plotted("lines_by_key", keyed()),
      plotted("lines_one_row", over_time(1, {{"p50", rising}}), kMarks),
      plotted("lines_all_null", over_time(5, {{"p50", null}})),
      plotted("lines_constant", over_time(5, {{"p50", [](std::size_t) { return 7.0; }}})),
      plotted("lines_negative",
              over_time(24, {{"change", [](std::size_t i) { return wave(i, 3) - 350; }}})),
      plotted("lines_huge", over_time(24, {{"n", huge}})),
      plotted("lines_infinite", over_time(6, {{"q", infinite}})),
      plotted("lines_gaps", over_time(40, {{"p50", gaps}})),
      plotted("lines_10000", over_time(10'000, {{"p50", spiky}})),
      plotted("bars", bars()),
      plotted("heatmap", humps(24), kMarks),
      plotted("heatmap_one_row", humps(1)),
      plotted("heatmap_500", humps(500)),
      plotted("heatmap_small_values",
              {{{"t", Type::kTimestamp}, {"rp", Type::kText}, {"h", Type::kText}},
               {{kNine, "a", "[[0,0,1],[3,3,2]]"},
                {kNine + kHour, "b", "[[5,5,1]]"},
                {kNine + kHour, "a", "[]"},
                {kNine + kHour, "a", "no"}},
               "",
               {}}),
      sparked("spark_keys", keyed()),
      sparked("spark_columns", over_time(48, {{"p50", [](std::size_t i) { return wave(i, 6); }},
                                              {"gaps", gaps},
                                              {"flat", [](std::size_t) { return 5.0; }},
                                              {"none", null}})),
      sparked("spark_10000", over_time(10'000, {{"p50", spiky}})),
      sparked("spark_one_row", over_time(1, {{"p50", rising}})),
      sparked("spark_without_time", bars()),
      tabled("table_odd_text", odd_text(), Format::kTable, {.null_text = "-"}),
      tabled("table_narrow", odd_text(), Format::kTable, {.width_columns = 40}),
      tabled("table_expanded", odd_text(), Format::kTable, {.null_text = "-", .expanded = true}),
      tabled("table_colors", odd_text(), Format::kTable, {.null_text = "-", .color = true}),
      tabled("markdown", odd_text(), Format::kMarkdown, {.null_text = "-"}),
      tabled("markdown_no_rows", {{{"a|b", Type::kText}}, {}, "", {}}, Format::kMarkdown, {}),
  };
}

class Golden : public testing::TestWithParam<Case> {};

TEST_P(Golden, IsWordForWord) {
  const Case& one = GetParam();
  const std::string text = one.draw({.width_columns = 72}) + "\nin ASCII:\n" +
                           one.draw({.width_columns = 72, .unicode = false});
  const std::string path =
      std::string(KPI_SOURCE_DIR) + "/tests/query/render/golden/" + one.name + ".txt";
  std::ifstream file(path, std::ios::binary);
  std::stringstream expected;
  expected << file.rdbuf();
  if (expected.str() != text && std::getenv("KPI_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text, expected.str()) << path;
}

INSTANTIATE_TEST_SUITE_P(All, Golden, testing::ValuesIn(cases()),
                         [](const auto& one) { return one.param.name; });

TEST(Golden, AsciiCasesAreAscii) {
  for (const Case& one : cases()) {
    if (one.name.find("table") == 0 || one.name.find("markdown") == 0 || one.name == "bars" ||
        one.name == "spark_without_time") {
      continue;  // Their data are not.
    }
    for (const char c : one.draw({.width_columns = 72, .unicode = false})) {
      ASSERT_LT(static_cast<unsigned char>(c), 0x80) << one.name;
    }
  }
}

}  // namespace
}  // namespace kpi::query
