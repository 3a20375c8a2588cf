// Every limit of the language, at it and beyond.
#include <gtest/gtest.h>

#include "kpi/limits.h"
#include "kpi/query.h"
#include "kpi/sketch.h"
#include "query/text/ast.h"
#include "tests/support/model_store.h"

namespace kpi::query {
namespace {

using test::ModelEvent;
using test::ModelStore;

std::string repeat(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string nested(const std::string& open, std::size_t depth, const std::string& close) {
  return "SELECT " + repeat(open, depth) + "1" + repeat(close, depth);
}

void expect_limit(const std::string& allowed, const std::string& refused) {
  const auto parsed = parse(allowed);
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  const auto beyond = parse(refused);
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().code, ErrorCode::kLimitExceeded) << beyond.error().message;
}

Result<Table> run_text(const std::string& text, Store& store, const Options& options = {}) {
  auto statements = parse(text);
  if (!statements.ok()) return statements.error();
  return run(statements.value().at(0), store, options);
}

Result<Table> run_text(const std::string& text, Store&& store, const Options& options = {}) {
  return run_text(text, store, options);
}

TEST(QueryLimits, NestingOfParenthesesCallsNotAndMinus) {
  constexpr std::size_t kMost = kStatementDepthMax;
  expect_limit(nested("(", kMost, ")"), nested("(", kMost + 1, ")"));
  expect_limit(nested("NOT ", kMost, ""), nested("NOT ", kMost + 1, ""));
  expect_limit(nested("- ", kMost, ""), nested("- ", kMost + 1, ""));
  expect_limit(nested("f(", kMost, ")"), nested("f(", kMost + 1, ")"));
  expect_limit(nested("1 IN (", kMost, ")"), nested("1 IN (", kMost + 1, ")"));
  expect_limit(nested("CAST(", kMost, " AS text)"), nested("CAST(", kMost + 1, " AS text)"));
}

TEST(QueryLimits, OperatorsInARow) {
  const auto chain = [](std::size_t height) { return "SELECT 1" + repeat("+1", height - 1); };
  expect_limit(chain(kExprHeightMax), chain(kExprHeightMax + 1));
  const auto casts = [](std::size_t height) { return "SELECT 1" + repeat("::text", height - 1); };
  expect_limit(casts(kExprHeightMax), casts(kExprHeightMax + 1));
}

TEST(QueryLimits, TheHighestTreeRunsAndPrints) {
  const std::string text = "SELECT 1" + repeat("+1", kExprHeightMax - 1);
  EXPECT_EQ(parse(text).value()[0].text().size(), text.size() + 2 * (kExprHeightMax - 1));
  const auto table = run_text(text, ModelStore({}));
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(std::get<std::int64_t>(table.value().rows[0][0]),
            static_cast<std::int64_t>(kExprHeightMax));
}

TEST(QueryLimits, NestedConditionsCostNoMoreThanTheirSize) {
  for (const char* suffix : {") IN (true, false)", ") BETWEEN false AND true"}) {
    std::string text = "1 = 1";
    for (std::size_t i = 0; i < kStatementDepthMax; ++i) text = "(" + text + suffix;
    const auto table = run_text("SELECT " + text, ModelStore({}));
    ASSERT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(std::get<bool>(table.value().rows[0][0]), true);
  }
}

TEST(QueryLimits, BytesOfAText) {
  const auto blank = [](std::size_t size) { return "SELECT 1" + std::string(size - 8, ' '); };
  expect_limit(blank(kStatementBytesMax), blank(kStatementBytesMax + 1));
}

TEST(QueryLimits, AWideListIsFine) {
  std::string text = "SELECT count(*) FROM events WHERE rp IN (''";
  while (text.size() < kStatementBytesMax - 10) text += ",'a'";
  EXPECT_TRUE(run_text(text + ")", ModelStore({})).ok());
}

TEST(QueryLimits, Rows) {
  std::vector<ModelEvent> events(3);
  for (std::size_t i = 0; i < events.size(); ++i) events[i].rp = "rp" + std::to_string(i);
  ModelStore store(events);
  const std::string text = "SELECT rp FROM events GROUP BY rp";
  Options options;
  options.rows_max = 3;
  EXPECT_TRUE(run_text(text, store, options).ok());
  EXPECT_TRUE(run_text("SHOW RPS", store, options).ok());
  options.rows_max = 2;
  EXPECT_EQ(run_text(text, store, options).error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(run_text("SHOW RPS", store, options).error().code, ErrorCode::kLimitExceeded);
  EXPECT_TRUE(run_text(text + " LIMIT 2", store, options).ok());
}

TEST(QueryLimits, FilledRows) {
  ModelStore store({});
  const std::string text =
      "SELECT time_bucket('1 hour', time), count(*) FROM events "
      "WHERE time >= '2026-11-22 00:00' AND time < '2026-11-22 05:00' GROUP BY 1 FILL(0)";
  Options options;
  options.rows_max = 5;
  EXPECT_EQ(run_text(text, store, options).value().rows.size(), 5U);
  options.rows_max = 4;
  EXPECT_EQ(run_text(text, store, options).error().code, ErrorCode::kLimitExceeded);
}

TEST(QueryLimits, ColumnsOfAnAnswer) {
  const auto list = [](std::size_t columns) { return "SELECT 1" + repeat(",1", columns - 1); };
  expect_limit(list(kResultColumnsMax), list(kResultColumnsMax + 1));
  const auto table = run_text(list(kResultColumnsMax), ModelStore({}));
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table.value().rows[0].size(), kResultColumnsMax);
}

TEST(QueryLimits, BytesOfAnAnswer) {
  ModelStore store({});
  const std::string text =
      "SELECT time_bucket('1 minute', time) AS t, count(*) || FROM events "
      "WHERE time >= '2026-11-22 00:00' AND time < '2026-11-22 01:40' GROUP BY t FILL(0)";
  const auto asked = [&](const std::string& more) {
    std::string out = text;
    return out.replace(out.find("||"), 2, more);
  };
  Options options;
  options.bytes_max = 16'000;
  EXPECT_TRUE(run_text(asked(""), store, options).ok());
  EXPECT_EQ(run_text(asked(", count(*), count(*)"), store, options).error().code,
            ErrorCode::kLimitExceeded);
  EXPECT_EQ(run_text(asked(", '" + std::string(200, 'x') + "'"), store, options).error().code,
            ErrorCode::kLimitExceeded);
  const std::string order = " ORDER BY t" + repeat(", t", 10);
  EXPECT_EQ(run_text(asked("") + order, store, options).error().code, ErrorCode::kLimitExceeded);
}

TEST(QueryLimits, BytesOfGroups) {
  std::vector<ModelEvent> events(100);
  for (std::size_t i = 0; i < events.size(); ++i) events[i].rp = "rp" + std::to_string(i);
  ModelStore store(events);
  std::string keys = "rp";
  for (int i = 0; i < 50; ++i) keys += ", \"label" + std::to_string(i) + '"';
  const std::string text = "SELECT rp FROM events GROUP BY ";
  Options options;
  options.bytes_max = 20'000;
  EXPECT_TRUE(run_text(text + "rp", store, options).ok());
  EXPECT_EQ(run_text(text + keys, store, options).error().code, ErrorCode::kLimitExceeded);
}

TEST(QueryLimits, AliasesThatStandForTooMuch) {
  const std::string text =
      "SELECT 1 IN (1" + repeat(",1", 1000) + ") AS a FROM events GROUP BY rp HAVING a";
  EXPECT_TRUE(run_text(text + repeat(" OR a", 50), ModelStore({})).ok());
  const auto beyond = run_text(text + repeat(" OR a", 150), ModelStore({}));
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().code, ErrorCode::kLimitExceeded);
}

std::string steps(std::size_t count) {
  std::string out = "'s0'";
  for (std::size_t i = 1; i < count; ++i) out += ", 's" + std::to_string(i) + "'";
  return out;
}

TEST(QueryLimits, StepsAndExclusionsOfAFunnel) {
  expect_limit("FUNNEL " + steps(kFunnelStepsMax), "FUNNEL " + steps(kFunnelStepsMax + 1));
  expect_limit("FUNNEL 'a' EXCLUDE " + steps(kFunnelExclusionsMax),
               "FUNNEL 'a' EXCLUDE " + steps(kFunnelExclusionsMax + 1));
  const auto table = run_text("FUNNEL " + steps(kFunnelStepsMax), ModelStore({}));
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table.value().rows.size(), kFunnelStepsMax);
}

TEST(QueryLimits, AggregatesOfACompare) {
  const auto compare = [](std::size_t count) {
    return "COMPARE p50(m)" + repeat(",p50(m)", count - 1) + " AROUND MILESTONE 'v'";
  };
  expect_limit(compare(kResultColumnsMax), compare(kResultColumnsMax + 1));
}

// Events of `count` RPs, each with a set of values that fills its sketch's bins.
std::vector<ModelEvent> funnel_events(std::size_t count) {
  std::vector<ModelEvent> events;
  for (std::size_t rp = 0; rp < count; ++rp) {
    for (std::uint32_t i = 0; i <= kSketchExactValuesMax; ++i) {
      events.push_back({0, "rp" + std::to_string(rp), "", {}, 1000, {{"a", 0}, {"b", i * 10}}, {}});
    }
  }
  return events;
}

TEST(QueryLimits, RowsAndBytesOfAFunnel) {
  ModelStore store(funnel_events(10));
  const std::string text = "FUNNEL 'a', 'b' GROUP BY rp";
  Options options;
  options.rows_max = 20;
  EXPECT_EQ(run_text(text, store, options).value().rows.size(), 20U);
  options.rows_max = 19;
  EXPECT_EQ(run_text(text, store, options).error().code, ErrorCode::kLimitExceeded);
  options = {};
  options.bytes_max = 1 << 20;
  EXPECT_TRUE(run_text(text, store, options).ok());
  options.bytes_max = 200'000;  // Ten sketches need more.
  EXPECT_EQ(run_text(text, store, options).error().code, ErrorCode::kLimitExceeded);
}

TEST(QueryLimits, RowsAndBytesOfAListing) {
  std::vector<ModelEvent> events(100);
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].time_ms = static_cast<std::int64_t>((i * 37) % 100);
    events[i].rp = std::string(100, 'x');
  }
  ModelStore store(events);
  Options options;
  options.rows_max = 100;
  EXPECT_EQ(run_text("SELECT * FROM events", store, options).value().rows.size(), 100U);
  options.rows_max = 99;
  EXPECT_EQ(run_text("SELECT * FROM events", store, options).error().code,
            ErrorCode::kLimitExceeded);
  EXPECT_EQ(run_text("SELECT * FROM events LIMIT 100", store, options).error().code,
            ErrorCode::kLimitExceeded);
  EXPECT_TRUE(run_text("SELECT * FROM events LIMIT 100 OFFSET 1", store, options).ok());
  options.bytes_max = 10'000;
  EXPECT_EQ(run_text("SELECT * FROM events LIMIT 50", store, options).error().code,
            ErrorCode::kLimitExceeded);
  // Only what can still be among the first is kept.
  const auto last = run_text("SELECT * FROM events ORDER BY time DESC LIMIT 5", store, options);
  ASSERT_TRUE(last.ok()) << last.error().message;
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(last.value().rows[i][0], Value(std::int64_t{99} - static_cast<std::int64_t>(i)));
  }
}

TEST(QueryLimits, NamesOfMilestones) {
  ModelStore store({});
  const auto create = [&](std::size_t bytes) {
    return run_text("CREATE MILESTONE '" + std::string(bytes, 'm') + "' AT now()", store);
  };
  EXPECT_TRUE(create(kMilestoneNameBytesMax).ok());
  const auto beyond = create(kMilestoneNameBytesMax + 1);
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(beyond.error().position, 18U);
}

// What is stored must come back to every client as text.
TEST(QueryLimits, NamesOfMilestonesAreText) {
  ModelStore store({});
  for (const char* name : {"a\nb", "\x1B[2J", "\x7F"}) {
    const auto created = run_text("CREATE MILESTONE '" + std::string(name) + "' AT now()", store);
    ASSERT_FALSE(created.ok());
    EXPECT_EQ(created.error().position, 18U);
  }
  EXPECT_TRUE(run_text("CREATE MILESTONE '\xC3\xA9\xF0\x9F\x9A\x80' AT now()", store).ok());
}

TEST(QueryLimits, StatementsAreText) {
  using std::string_literals::operator""s;
  for (const std::string& bytes :
       {"\0"s, "\xFF"s, "\xC3"s, "\xC0\x80"s, "\xED\xA0\x80"s, "\xF4\x90\x80\x80"s, "\xE2\x82"s}) {
    const auto parsed = parse("SELECT '" + bytes + "'");
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(parsed.error().position, 9U);
  }
  EXPECT_TRUE(parse("SELECT '\xC3\xA9 \xE2\x82\xAC \xF4\x8F\xBF\xBF'").ok());
}

// A statement that computes for long between two looks at the store ends when it is told to.
TEST(QueryLimits, ComputingStopsToo) {
  std::stop_source stop;
  stop.request_stop();
  Options options;
  options.stop = stop.get_token();
  const std::string range = "WHERE time >= '2026-11-22' AND time < '2026-11-23' ";
  for (const char* rest : {"GROUP BY t FILL(0)", "GROUP BY t FILL(0) ORDER BY t"}) {
    const auto table =
        run_text("SELECT time_bucket('1 second', time) AS t, count(*) FROM events " + range + rest,
                 ModelStore({}), options);
    ASSERT_FALSE(table.ok());
    EXPECT_EQ(table.error().code, ErrorCode::kCanceled);
  }
}

}  // namespace
}  // namespace kpi::query
