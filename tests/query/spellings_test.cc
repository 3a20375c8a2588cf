// Conditions on labels find events by every spelling of a value.
#include <gtest/gtest.h>

#include "kpi/query.h"
#include "tests/support/model_store.h"

namespace kpi::query {
namespace {

using test::ModelEvent;
using test::ModelStore;

ModelEvent of_os(const std::string& os) {
  ModelEvent event;
  event.kind = {Outcome::kSuccess, UiShown::kUnknown};
  event.measures = {{"turnaround_time", 100}};
  event.labels = {{"os", os}, {"browser", os}};
  return event;
}

class SpellingsTest : public testing::Test {
 protected:
  // One event a letter of `abcxyz`; a and b are stored as c since there are aliases.
  SpellingsTest() : store_({of_os("a"), of_os("b"), of_os("c"), of_os("x"), ModelEvent{}}) {
    options_.aliases = std::make_shared<const std::vector<ValueAlias>>(
        std::vector<ValueAlias>{{"os", "a", "c"}, {"os", "b", "c"}, {"browser", "x", "y"}});
  }

  Result<Table> ask(const std::string& text, const std::vector<Value>& values = {}) {
    auto statements = parse(text);
    if (!statements.ok()) return statements.error();
    auto bound = kpi::query::bind(statements.value().at(0), values);
    if (!bound.ok()) return bound.error();
    return run(bound.value(), store_, options_);
  }
  std::int64_t count(const std::string& where, const std::vector<Value>& values = {}) {
    const auto table = ask("SELECT count(*) FROM events WHERE " + where, values);
    return table.ok() ? std::get<std::int64_t>(table.value().rows.at(0).at(0)) : -1;
  }

  ModelStore store_;
  Options options_;
};

TEST_F(SpellingsTest, AnyOfThemFindsAll) {
  for (const char* os : {"a", "b", "c"}) {
    const std::string value = std::string("'") + os + "'";
    EXPECT_EQ(count("os = " + value), 3) << os;
    EXPECT_EQ(count(value + " = \"os\""), 3) << os;
    EXPECT_EQ(count("os IN ('none', " + value + ")"), 3) << os;
    EXPECT_EQ(count("os <> " + value), 1) << os;  // As ever, not where there is none.
    EXPECT_EQ(count("os NOT IN (" + value + ", 'c')"), 1) << os;
    EXPECT_EQ(count("NOT (os = " + value + " OR os = 'x') OR client = 'z'"), 0) << os;
    EXPECT_EQ(count("os = $1", {std::string(os)}), 3) << os;
  }
}

TEST_F(SpellingsTest, OtherConditionsMeanWhatTheySay) {
  EXPECT_EQ(count("os = 'x'"), 1);
  EXPECT_EQ(count("browser = 'a'"), 1);
  EXPECT_EQ(count("browser = 'y'"), 1);
  EXPECT_EQ(count("os LIKE 'a'"), 1);
  EXPECT_EQ(count("os = $1", {Value{}}), 0);
  EXPECT_EQ(count("os IN ('a', $1)", {Value{}}), 3);
  options_.aliases = nullptr;
  EXPECT_EQ(count("os = 'a'"), 1);
}

TEST_F(SpellingsTest, EveryStatementHasThem) {
  EXPECT_EQ(ask("SELECT * FROM events WHERE os = 'a'").value().rows.size(), 3U);
  const auto compared = ask(
      "COMPARE p50(turnaround_time) BASELINE os = 'a' CANDIDATE os = 'x' WHERE os IN ('b', 'x')");
  ASSERT_TRUE(compared.ok());
  EXPECT_EQ(compared.value().rows.at(0).at(3), Value(std::int64_t{3}));
  EXPECT_EQ(compared.value().rows.at(0).at(4), Value(std::int64_t{1}));
  const auto funnel = ask("FUNNEL 'turnaround_time' WHERE os = 'b'");
  EXPECT_EQ(funnel.value().rows.at(0).at(1), Value(std::int64_t{3}));
  const auto plan = ask("EXPLAIN SELECT count(*) FROM events WHERE os = 'b'");
  const auto* line = std::get_if<std::string>(&plan.value().rows.at(0).at(0));
  ASSERT_NE(line, nullptr);
  EXPECT_NE(line->find("os IN ('b', 'c', 'a')"), std::string::npos) << *line;
  auto feed = follow(parse("FOLLOW WHERE os = 'b'").value().at(0), store_, options_, [] {});
  ASSERT_TRUE(feed.ok());
  for (const char* os : {"a", "x", "c"}) store_.accept(of_os(os));
  std::vector<std::vector<Value>> rows;
  EXPECT_EQ(feed.value()->take(10, rows).value(), 2U);
}

}  // namespace
}  // namespace kpi::query
