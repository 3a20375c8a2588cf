// What run() promises beside the rows: tags, notes, plans, stopping.
#include <gtest/gtest.h>

#include <limits>

#include "kpi/query.h"
#include "tests/support/model_store.h"

namespace kpi::query {
namespace {

using test::ModelEvent;
using test::ModelStore;

Result<Table> run_text(const std::string& text, Store& store, const Options& options = {}) {
  auto statements = parse(text);
  if (!statements.ok()) return statements.error();
  return run(statements.value().at(0), store, options);
}

TEST(QueryRun, StopsWhenAsked) {
  std::stop_source source;
  source.request_stop();
  Options options;
  options.stop = source.get_token();
  ModelStore store({ModelEvent{}});
  for (const char* what : {"count(*)", "largest_sender_share()"}) {
    const auto table = run_text("SELECT " + std::string(what) + " FROM events", store, options);
    ASSERT_FALSE(table.ok()) << what;
    EXPECT_EQ(table.error().code, ErrorCode::kCanceled);
  }
}

TEST(QueryRun, NotesWhichRangeAnAnswerCoversWhereTheAskedOneReachesBeyond) {
  ModelStore store({}, {1'767'225'600'000, std::numeric_limits<std::int64_t>::max()});
  const auto notes = [&store](const std::string& text) {
    return run_text("SELECT count(*) FROM events " + text, store).value().notes;
  };
  EXPECT_TRUE(notes("").empty());
  EXPECT_TRUE(notes("WHERE time >= '2026-01-01'").empty());
  const auto noted = notes("WHERE time >= '2025-12-31' AND time < '2026-01-02'");
  ASSERT_EQ(noted.size(), 1U);
  EXPECT_EQ(noted[0],
            "the answer covers [2026-01-01T00:00:00Z, 2026-01-02T00:00:00Z) of "
            "[2025-12-31T00:00:00Z, 2026-01-02T00:00:00Z): finer data has aged out");
}

TEST(QueryRun, NotesThatRawEventsHaveAgedOut) {
  ModelStore store({}, {1'767'225'600'000, std::numeric_limits<std::int64_t>::max()});
  for (const char* text : {"SELECT * FROM events ", "FUNNEL 'turnaround_time' "}) {
    const auto notes = [&](const std::string& where) {
      auto found = run_text(text + where, store).value().notes;
      std::erase_if(found, [](const std::string& note) { return note[0] == 'n'; });
      return found;
    };
    EXPECT_TRUE(notes("").empty());
    EXPECT_TRUE(notes("WHERE time >= '2026-01-01'").empty());
    const auto noted = notes("WHERE time >= '2025-12-31' AND time < '2026-01-02'");
    ASSERT_EQ(noted.size(), 1U) << text;
    EXPECT_NE(noted[0].find("finer data has aged out"), std::string::npos);
  }
}

TEST(QueryRun, OnlyThoseWhoMayChangeTheStoreDo) {
  ModelStore store({});
  ASSERT_TRUE(store.create_milestone({"kept", 0}).ok());
  Options options;
  options.may_change = false;
  for (const char* text : {"CREATE MILESTONE 'new' AT now()", "DROP MILESTONE 'kept'"}) {
    const auto refused = run_text(text, store, options);
    ASSERT_FALSE(refused.ok()) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  }
  EXPECT_EQ(run_text("SHOW MILESTONES", store, options).value().rows.size(), 1U);
}

TEST(QueryRun, ListingsAndFunnelsStopWhenAsked) {
  std::stop_source source;
  source.request_stop();
  Options options;
  options.stop = source.get_token();
  ModelStore store({ModelEvent{}});
  for (const char* text : {"SELECT * FROM events", "FUNNEL 'turnaround_time'"}) {
    const auto table = run_text(text, store, options);
    ASSERT_FALSE(table.ok()) << text;
    EXPECT_EQ(table.error().code, ErrorCode::kCanceled);
  }
}

TEST(QueryRun, ExplainAnalyzeOfAScanSaysWhatWasRead) {
  ModelStore store({ModelEvent{}, ModelEvent{}});
  for (const char* text : {"SELECT * FROM events", "FUNNEL 'turnaround_time'"}) {
    const auto joined = [&](const std::string& explain) {
      std::string out;
      const Table table = run_text(explain + text, store).value();
      for (const auto& row : table.rows) {
        out += std::get<std::string>(row[0]) + '\n';
      }
      return out;
    };
    EXPECT_NE(joined("EXPLAIN ").find("Read: every raw event"), std::string::npos);
    EXPECT_NE(joined("EXPLAIN ANALYZE ").find("  model: "), std::string::npos);
    EXPECT_NE(joined("EXPLAIN ANALYZE ").find("Execution time: "), std::string::npos);
  }
}

TEST(QueryRun, TagsAnswersAsPostgreSqlDoes) {
  ModelStore store({ModelEvent{}});
  EXPECT_EQ(run_text("SELECT * FROM events", store).value().command_tag, "SELECT 1");
  EXPECT_EQ(run_text("FUNNEL 'a', 'b'", store).value().command_tag, "SELECT 2");
  EXPECT_EQ(run_text("CREATE MILESTONE 'v' AT now()", store).value().command_tag,
            "CREATE MILESTONE");
  EXPECT_EQ(run_text("DROP MILESTONE 'v'", store).value().command_tag, "DROP MILESTONE");
  EXPECT_EQ(run_text("SHOW MILESTONES", store).value().command_tag, "SHOW");
  EXPECT_EQ(run_text("SELECT count(*) FROM events", store).value().command_tag, "SELECT 1");
  EXPECT_EQ(run_text("SHOW RPS", store).value().command_tag, "SHOW");
  EXPECT_EQ(run_text("EXPLAIN SELECT 1", store).value().command_tag, "EXPLAIN");
}

TEST(QueryRun, ExplainAnalyzeSaysWhatWasReadAndHowLongItTook) {
  ModelStore store({ModelEvent{}, ModelEvent{}});
  const auto table = run_text("EXPLAIN ANALYZE SELECT count(*) FROM events", store).value();
  std::string text;
  for (const auto& row : table.rows) text += std::get<std::string>(row[0]) + '\n';
  EXPECT_NE(text.find("model: [-inf, inf), series=0 cells=0 chunks=0 events=2"), std::string::npos)
      << text;
  EXPECT_NE(text.find("Rows: 1"), std::string::npos) << text;
  EXPECT_NE(text.find("Execution time: "), std::string::npos) << text;
}

// Only what is known before reading: a figure that nobody counted would look like a finding.
TEST(QueryRun, ExplainClaimsNoFigures) {
  ModelStore store({ModelEvent{}, ModelEvent{}});
  for (const char* statement :
       {"SELECT count(*) FROM events",
        "COMPARE success_rate() BASELINE time < '2026-01-01' CANDIDATE time >= '2026-01-01'"}) {
    const auto table = run_text("EXPLAIN " + std::string(statement), store).value();
    std::string text;
    for (const auto& row : table.rows) text += std::get<std::string>(row[0]) + '\n';
    EXPECT_NE(text.find("  model: "), std::string::npos) << text;
    EXPECT_EQ(text.find("events="), std::string::npos) << text;
  }
}

TEST(QueryRun, ShowStatusIsWhatTheStoreSays) {
  ModelStore store({ModelEvent{}});
  const auto table = run_text("SHOW STATUS", store).value();
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(std::get<std::string>(table.rows[0][0]), "events_count");
  EXPECT_EQ(std::get<std::string>(table.rows[0][1]), "1");
}

TEST(QueryRun, ShowErrorsHasTheColumnsThatDescribeSays) {
  ModelStore store({});
  const auto statements = parse("SHOW ERRORS").value();
  const auto columns = describe(statements[0], store).value();
  const auto table = run(statements[0], store, {}).value();
  ASSERT_EQ(columns.size(), table.columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    EXPECT_EQ(columns[i].name, table.columns[i].name);
    EXPECT_EQ(columns[i].type, table.columns[i].type);
  }
}

TEST(QueryRun, AWeightedSumBeyondInt8IsAnErrorNotAWrongNumber) {
  ModelEvent event;
  event.weight = kWeightMax;
  event.measures = {{"m", std::numeric_limits<std::uint32_t>::max()}};
  ModelStore fits(std::vector<ModelEvent>(21474, event));
  EXPECT_TRUE(run_text("SELECT sum(m) FROM events", fits).ok());
  ModelStore beyond(std::vector<ModelEvent>(21475, event));
  EXPECT_FALSE(run_text("SELECT sum(m) FROM events", beyond).ok());
}

}  // namespace
}  // namespace kpi::query
