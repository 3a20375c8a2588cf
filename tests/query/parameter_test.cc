// $1, $2, ...: what they are taken for, and that a value never becomes part of a text.
#include <gtest/gtest.h>

#include <limits>

#include "kpi/query.h"
#include "query/text/ast.h"
#include "query/text/time_text.h"
#include "tests/support/event_text.h"
#include "tests/support/model_store.h"

namespace kpi::query {
namespace {

using test::ModelEvent;
using test::ModelStore;

constexpr const char* kNow = "2026-11-22T12:00:00Z";

std::vector<ModelEvent> events() {
  std::vector<ModelEvent> out;
  for (const char* line : {
           "2026-11-20T10:00:00Z rp=https://a.example client=c1 success turnaround_time=100 "
           "browser:chrome",
           "2026-11-20T11:00:00Z rp=https://a.example client=c2 success turnaround_time=200 "
           "browser:firefox",
           "2026-11-21T10:00:00Z rp=https://b.example client=c1 error=fedcm.106",
       }) {
    EXPECT_TRUE(test::parse_events(line, out));
  }
  return out;
}

Statement parsed(const std::string& text) {
  auto statements = parse(text);
  EXPECT_TRUE(statements.ok()) << text << ": " << statements.error().message;
  return statements.value().at(0);
}

// "text, int8", or the error.
std::string types(const std::string& text) {
  const ModelStore store(events());
  const auto found = parameter_types(parsed(text), store);
  if (!found.ok()) return std::to_string(found.error().position) + ": " + found.error().message;
  std::string out;
  for (const Type type : found.value()) {
    constexpr const char* kNames[] = {"text", "int8", "float8", "timestamptz", "bool"};
    out += (out.empty() ? "" : ", ") + std::string(kNames[static_cast<std::size_t>(type)]);
  }
  return out;
}

// Rows of cells joined by '|', or the error.
std::string answer(const std::string& text, const std::vector<Value>& values) {
  ModelStore store(events());
  const auto bound = query::bind(parsed(text), values);
  if (!bound.ok()) return std::to_string(bound.error().position) + ": " + bound.error().message;
  Options options;
  options.now_ms = parse_time(kNow).value();
  const auto table = run(bound.value(), store, options);
  if (!table.ok()) return std::to_string(table.error().position) + ": " + table.error().message;
  const auto again = parse(bound.value().text());
  EXPECT_TRUE(again.ok()) << bound.value().text();
  if (again.ok()) {
    EXPECT_EQ(again.value()[0].text(), bound.value().text());
  }
  std::string out;
  for (const auto& row : table.value().rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool null = std::holds_alternative<std::monostate>(row[i]);
      out += (i == 0 ? (out.empty() ? "" : "; ") : "|") +
             (null ? "NULL" : to_text(row[i], table.value().columns[i].type));
    }
  }
  return out;
}

std::string counted(const std::string& where, const std::vector<Value>& values) {
  return answer("SELECT count(*) FROM events WHERE " + where, values);
}

TEST(QueryParameters, AreTakenForWhatStandsBesideThem) {
  EXPECT_EQ(types("SELECT 1"), "");
  EXPECT_EQ(types("SELECT count(*) FROM events WHERE time >= $1 AND $2 > time"),
            "timestamptz, timestamptz");
  EXPECT_EQ(types("SELECT count(*) FROM events WHERE time BETWEEN $1 AND $2 AND rp = $3"),
            "timestamptz, timestamptz, text");
  EXPECT_EQ(types("SELECT count(*) FROM events WHERE turnaround_time > $1 AND browser = $2"),
            "int8, text");
  EXPECT_EQ(types("SELECT count(*) FROM events WHERE client IN ($1, $2) AND rp LIKE $3"),
            "text, text, text");
  EXPECT_EQ(types("SELECT quantile(turnaround_time, $1), fraction_below(turnaround_time, $2) "
                  "FROM events"),
            "float8, int8");
  EXPECT_EQ(types("SELECT rp, success_rate() AS s FROM events GROUP BY rp HAVING count(*) > $1 AND "
                  "success_rate() < $2 AND s > $3"),
            "int8, float8, float8");
  EXPECT_EQ(types("SELECT rp FROM events GROUP BY rp LIMIT $2 OFFSET $1"), "int8, int8");
  EXPECT_EQ(types("SELECT time_bucket($1, time) AS t FROM events GROUP BY t HAVING t > $2"),
            "text, timestamptz");
  EXPECT_EQ(types("SELECT count(*) FROM events WHERE time > now() - $1::interval"), "text");
  EXPECT_EQ(types("SELECT count(*) FROM events WHERE time > now() - $1"), "text");
  EXPECT_EQ(types("SELECT count(*) FROM events WHERE time > $1 - interval '1 day'"), "timestamptz");
  EXPECT_EQ(types("SELECT $1, $2::int8, $3::float8, $4::timestamptz, $5::bool, $6::text, $7 + 1"),
            "text, int8, float8, timestamptz, bool, text, int8");
}

TEST(QueryParameters, OfOtherStatementsToo) {
  EXPECT_EQ(types("COMPARE p50(turnaround_time) BASELINE browser = $1 CANDIDATE browser = $2 WHERE "
                  "time > $3 GROUP BY time_bucket($4, time)"),
            "text, text, timestamptz, text");
  EXPECT_EQ(types("COMPARE count(*) AROUND MILESTONE 'm' WINDOW $1"), "text");
  EXPECT_EQ(types("FUNNEL 'a' WHERE time > $1"), "timestamptz");
  EXPECT_EQ(types("FOLLOW WHERE outcome = $1"), "text");
  EXPECT_EQ(types("CREATE MILESTONE 'm' AT $1"), "timestamptz");
  EXPECT_EQ(types("SELECT * FROM events WHERE time > $1 LIMIT $2"), "timestamptz, int8");
  EXPECT_EQ(types("EXPLAIN SELECT count(*) FROM events WHERE time > $1"), "timestamptz");
  EXPECT_EQ(types("SHOW RPS"), "");
}

TEST(QueryParameters, StandInPlacesOfOneTypeAndLeaveNoGap) {
  EXPECT_EQ(types("SELECT count(*) FROM events WHERE $1 IS NULL OR turnaround_time > $1"), "int8");
  EXPECT_EQ(types("SELECT count(*) FROM events WHERE time > $1 AND rp = $1"),
            "54: expected one type for $1, found timestamptz and text");
  EXPECT_EQ(types("SELECT $2"), "0: expected parameters without a gap, found no $1 beside $2");
}

TEST(QueryParameters, AStatementIsDescribedBeforeItIsBound) {
  const ModelStore store(events());
  const auto columns = describe(
      parsed(
          "SELECT time_bucket($1, time) AS t, $2::int8 AS n, quantile(turnaround_time, $3) "
          "FROM events WHERE time >= $4 AND outcome = $5 AND error_class IN ($6) AND ui_shown <> "
          "$7 GROUP BY t LIMIT $8"),
      store);
  ASSERT_TRUE(columns.ok()) << columns.error().message;
  ASSERT_EQ(columns.value().size(), 3U);
  EXPECT_EQ(columns.value()[0].type, Type::kTimestamp);
  EXPECT_EQ(columns.value()[1].type, Type::kInt8);
  EXPECT_EQ(columns.value()[2].type, Type::kFloat8);
}

TEST(QueryParameters, AnUnboundStatementDoesNotRun) {
  ModelStore store(events());
  EXPECT_TRUE(run(parsed("CREATE MILESTONE 'v' AT now()"), store, {}).ok());
  for (const char* text :
       {"SELECT count(*) FROM events WHERE rp = $1", "SELECT rp FROM events GROUP BY rp LIMIT $1",
        "SELECT * FROM events OFFSET $1", "CREATE MILESTONE 'm' AT $1",
        "FUNNEL 'turnaround_time' WHERE rp = $1", "EXPLAIN SELECT count(*) FROM events LIMIT $1",
        "COMPARE success_rate() AROUND MILESTONE 'v' WINDOW $1"}) {
    const auto table = run(parsed(text), store, {});
    ASSERT_FALSE(table.ok()) << text;
    EXPECT_EQ(table.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(table.error().message, "expected a value for $1, found none");
    EXPECT_EQ(table.error().position, std::string(text).find('$') + 1);
  }
}

// What a statement was described as before it was bound is what it answers after.
TEST(QueryParameters, ValuesDoNotChangeTheColumns) {
  ModelStore store(events());
  const std::string text =
      "SELECT $1, $2::int8 AS i, $3 + 1 AS s, $4::timestamptz AS t, $5 AS u, count(*) FROM events "
      "WHERE time > $5";
  const auto columns = describe(parsed(text), store);
  ASSERT_TRUE(columns.ok()) << columns.error().message;
  const auto bound = query::bind(
      parsed(text), {std::int64_t{5}, "7", std::int64_t{1}, std::int64_t{0}, std::int64_t{0}});
  ASSERT_TRUE(bound.ok());
  const auto table = run(bound.value(), store, {});
  ASSERT_TRUE(table.ok()) << table.error().message;
  for (std::size_t i = 0; i < columns.value().size(); ++i) {
    EXPECT_EQ(table.value().columns[i].type, columns.value()[i].type) << i;
  }
  EXPECT_EQ(table.value().rows[0][0], Value("5"));
}

TEST(QueryParameters, ValuesOfEveryType) {
  const std::int64_t day = parse_time("2026-11-21").value();
  EXPECT_EQ(counted("time >= $1", {day}), "1");
  EXPECT_EQ(counted("time < $1 AND rp = $2", {day, "https://a.example"}), "2");
  EXPECT_EQ(counted("time BETWEEN $1 AND $2", {day - kDayMs, day}), "2");
  EXPECT_EQ(counted("time >= $1::timestamptz - interval '1 day'", {day}), "3");
  EXPECT_EQ(counted("turnaround_time >= $1", {std::int64_t{200}}), "1");
  EXPECT_EQ(counted("turnaround_time > $1", {std::int64_t{-1}}), "2");
  EXPECT_EQ(counted("turnaround_time > $1", {std::numeric_limits<std::int64_t>::min()}), "2");
  EXPECT_EQ(counted("turnaround_time > $1", {199.5}), "1");
  EXPECT_EQ(counted("turnaround_time > $1", {-1e300}), "2");
  EXPECT_EQ(counted("browser IN ($1, $2)", {"chrome", "x"}), "1");
  EXPECT_EQ(counted("$1", {true}), "3");
  EXPECT_EQ(counted("$1 AND rp <> ''", {false}), "0");
  EXPECT_EQ(answer("SELECT $1::int8, $2::float8, $3, $4::bool, $5::text",
                   {std::int64_t{-5}, 5.0, "x", true, std::monostate{}}),
            "-5|5|x|t|NULL");
  EXPECT_EQ(answer("SELECT rp FROM events GROUP BY rp ORDER BY rp LIMIT $1 OFFSET $2",
                   {std::int64_t{1}, std::int64_t{1}}),
            "https://b.example");
  EXPECT_EQ(answer("SELECT quantile(turnaround_time, $1) FROM events", {1.0}), "200");
}

TEST(QueryParameters, ATextIsTakenAsALiteralAtItsPlace) {
  EXPECT_EQ(counted("time >= $1", {"2026-11-21"}), "1");
  EXPECT_EQ(counted("time >= now() - $1", {"2 days"}), "1");
  EXPECT_EQ(counted("time >= now() - $1::interval", {"2 days"}), "1");
  EXPECT_EQ(counted("turnaround_time >= $1", {"200"}), "1");
  EXPECT_EQ(answer("SELECT $1::int8, $2::float8", {"7", "1.5"}), "7|1.5");
  EXPECT_EQ(answer("SELECT rp FROM events GROUP BY rp ORDER BY rp LIMIT $1", {"1"}),
            "https://a.example");
  EXPECT_EQ(answer("SELECT count(*) FROM events GROUP BY date_trunc($1, time) ORDER BY "
                   "date_trunc($1, time)",
                   {"day"}),
            "2; 1");
  EXPECT_EQ(answer("SELECT rp FROM events GROUP BY rp HAVING count(*) > $1", {"1"}),
            "https://a.example");
}

TEST(QueryParameters, NullComparesAsUnknown) {
  EXPECT_EQ(counted("rp = $1", {std::monostate{}}), "0");
  EXPECT_EQ(counted("NOT rp = $1", {std::monostate{}}), "0");
  EXPECT_EQ(counted("rp IN ($1, $2)", {std::monostate{}, "https://a.example"}), "2");
  EXPECT_EQ(counted("rp NOT IN ($1, $2)", {std::monostate{}, "https://a.example"}), "0");
  EXPECT_EQ(counted("rp LIKE $1", {std::monostate{}}), "0");
  EXPECT_EQ(counted("time > $1", {std::monostate{}}), "0");
  EXPECT_EQ(counted("turnaround_time BETWEEN $1 AND 150", {std::monostate{}}), "0");
  EXPECT_EQ(counted("turnaround_time NOT BETWEEN $1 AND 150", {std::monostate{}}), "1");
  EXPECT_EQ(counted("$1::text IS NULL OR rp = $1", {std::monostate{}}), "3");
  EXPECT_EQ(counted("$1 IS NULL OR rp = $1", {"https://b.example"}), "1");
  EXPECT_EQ(answer("SELECT rp FROM events GROUP BY rp ORDER BY rp LIMIT $1", {std::monostate{}}),
            "https://a.example; https://b.example");
}

TEST(QueryParameters, ErrorsNameTheParameter) {
  EXPECT_EQ(counted("time >= $1", {"soon"}),
            "43: $1: expected a time like '2026-11-22 09:00:00', found 'soon'");
  EXPECT_EQ(counted("time >= '2026-11-21' AND turnaround_time > $1", {"fast"}),
            "78: $1: expected a number, found 'fast'");
  EXPECT_EQ(counted("rp = $1", {std::int64_t{5}}), "40: $1: expected a text, found a number: 5");
  EXPECT_EQ(counted("outcome = $1", {"good"}),
            "45: $1: expected one of 'success', 'failure', 'unknown', found 'good'");
  EXPECT_EQ(counted("time > $1", {std::numeric_limits<std::int64_t>::max()}),
            "42: $1: expected a time within the years 1 to 9999, found 9223372036854775807 ms");
  EXPECT_EQ(counted("turnaround_time > $1", {std::numeric_limits<double>::quiet_NaN()}),
            "53: $1: expected a finite number, found nan");
  EXPECT_EQ(answer("SELECT rp FROM events GROUP BY rp LIMIT $1", {std::int64_t{-1}}),
            "41: $1: expected a number of rows, found -1");
  EXPECT_EQ(answer("SELECT rp FROM events GROUP BY rp LIMIT $1", {1.5}),
            "41: $1: expected a number of rows, found 1.5");
  EXPECT_EQ(answer("SELECT quantile(turnaround_time, $1) FROM events", {2.0}),
            "34: $1: expected a number from 0 to 1, found 2.0");
  EXPECT_EQ(answer("SELECT $1, $2", {"x"}), "0: expected 2 values for the parameters, found 1");
  EXPECT_EQ(answer("SELECT 1", {"x"}), "0: expected 0 values for the parameters, found 1");
}

TEST(QueryParameters, AValueIsNeverReadAsText) {
  for (const char* hostile : {"' OR '1'='1", "x'; DROP MILESTONE 'v'; --", "\") OR TRUE --", "$1",
                              "/*", "\\'", "''", "NULL"}) {
    EXPECT_EQ(counted("rp = $1 OR rp LIKE $2 OR client IN ($1, $3)", {hostile, hostile, "c2"}), "1")
        << hostile;
    EXPECT_EQ(answer("SELECT $1", {hostile}), hostile);
  }
  // A number is no position of the list.
  const ModelStore store({});
  EXPECT_FALSE(parse("SELECT rp FROM events GROUP BY $1").ok());
  EXPECT_FALSE(parse("SELECT rp FROM events GROUP BY rp ORDER BY $1").ok());
}

// What nothing decides is not looked for again at every member of a list.
TEST(QueryParameters, LongListsCostNoMoreThanTheirSize) {
  ModelStore store({});
  for (const std::string member : {"'a'", "-'a'", "$1", "('a'+'a')"}) {
    std::string text = "SELECT 'a' IN ($1";
    while (text.size() + member.size() < kStatementBytesMax - 2) text += "," + member;
    const auto bound = query::bind(parsed(text + ")"), {"a"});
    EXPECT_TRUE(bound.ok());
  }
}

TEST(QueryParameters, UpToTheLimit) {
  std::string text = "SELECT count(*) FROM events WHERE rp IN ($1";
  for (std::size_t i = 2; i <= kParametersMax; ++i) text += ", $" + std::to_string(i);
  EXPECT_EQ(answer(text + ")", std::vector<Value>(kParametersMax, "https://a.example")), "2");
  const auto beyond = parse(text + ", $" + std::to_string(kParametersMax + 1) + ")");
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().code, ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace kpi::query
