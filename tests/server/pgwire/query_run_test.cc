#include "server/pgwire/query_run.h"

#include <gtest/gtest.h>

#include "tests/server/pgwire/sample_events.h"
#include "tests/server/pgwire/wire_reader.h"

namespace kpi::server::pgwire {
namespace {

class QueryRunTest : public testing::Test {
 protected:
  std::vector<WireMessage> run(std::string text) {
    const Interrupt interrupt;
    QueryRun run({environment_, state_, interrupt, wake_}, std::move(text));
    for (bool more = true; more;) {
      std::string out;
      more = run.next(out) == RunProgress::kMore;
      EXPECT_GT(out.size(), 0U);  // Each piece has something.
      messages_.append(out);
    }
    return take_messages(messages_);
  }
  std::optional<std::string> scalar(std::string text) {
    for (const WireMessage& message : run(std::move(text))) {
      if (message.type == 'D') return values_of(message).at(0);
    }
    return std::nullopt;
  }

  test::ModelStore store_{test::sample_events()};
  QueryEnvironment environment_{store_, kResultRowsMax,
                                [] { return test::kSampleBeginMs + 2 * kDayMs; }};
  SessionState state_{{"alice", "kpi", "15.0 (kpistore 0.1.0)", 42}};
  const std::function<void()> wake_ = [] {};
  std::string messages_;
};

TEST_F(QueryRunTest, AStatementAnswersDescriptionRowsTagAndReady) {
  const auto messages = run("SELECT rp, count(*) FROM events GROUP BY rp ORDER BY rp");
  EXPECT_EQ(types_of(messages), "TDDCZ");
  const auto row = values_of(messages[1]);
  EXPECT_EQ(row[0], "https://a.example");
  EXPECT_EQ(row[1], "192");
  EXPECT_STREQ(messages[3].body.c_str(), "SELECT 2");
}

TEST_F(QueryRunTest, SeveralStatementsEachHaveTheirResultAndOneReady) {
  EXPECT_EQ(types_of(run("SELECT count(*) FROM events; SHOW RPS;")), "TDCTDDCZ");
  EXPECT_EQ(types_of(run("SET x = 1; SELECT count(*) FROM events; COMMIT")), "CTDCCZ");
}

TEST_F(QueryRunTest, AMistakeAnywhereIsFoundBeforeAnythingRuns) {
  const std::string text = "SELECT count(*) FROM events; SELECT count(* FROM events";
  const auto messages = run(text);
  ASSERT_EQ(types_of(messages), "EZ");
  EXPECT_EQ(field_of(messages[0], 'C'), "42601");
  EXPECT_GT(std::stoul(field_of(messages[0], 'P')), 29U);
}

TEST_F(QueryRunTest, PlacesCountCharactersOfTheWholeMessage) {
  const std::string good = "SELECT count(*) FROM events WHERE rp = 'é'; ";
  const auto first = run(good + "SELEKT 1");
  const auto second = run("SET a = 'é' ;" + good + "SELEKT 1");
  ASSERT_EQ(first[0].type, 'E');
  EXPECT_EQ(field_of(first[0], 'P'),
            std::to_string(good.size() - 1 + 1));  // é: two bytes, one character.
  EXPECT_EQ(field_of(second[0], 'P'), std::to_string(good.size() + 13));
}

TEST_F(QueryRunTest, AnErrorWhileRunningEndsTheRest) {
  environment_.rows_max = 1;
  const auto messages = run("SELECT count(*) FROM events; SHOW RPS; SHOW RPS");
  EXPECT_EQ(types_of(messages), "TDCEZ");
  EXPECT_EQ(field_of(messages[3], 'C'), "54000");
}

TEST_F(QueryRunTest, NothingIsAnEmptyQuery) {
  for (const char* text : {"", ";", " -- only words\n;;"}) EXPECT_EQ(types_of(run(text)), "IZ");
}

TEST_F(QueryRunTest, StatementsBeyondTheLimitAreRefused) {
  const auto messages = run("SELECT '" + std::string(kStatementBytesMax, 'x') + "'");
  ASSERT_EQ(types_of(messages), "EZ");
  EXPECT_EQ(field_of(messages[0], 'C'), "54000");
}

TEST_F(QueryRunTest, LargeAnswersComeInPieces) {
  std::vector<test::ModelEvent> events(1);
  for (int i = 0; i < 20'000; ++i) {
    events[0].rp = "https://rp" + std::to_string(100'000 + i) + ".example";
    events.push_back(events[0]);
  }
  test::ModelStore many(events);
  const QueryEnvironment environment{many, kResultRowsMax, [] { return std::int64_t{0}; }};
  const Interrupt interrupt;
  QueryRun run({environment, state_, interrupt, wake_}, "SHOW RPS");
  std::size_t rows = 0;
  for (bool more = true; more;) {
    std::string out;
    more = run.next(out) == RunProgress::kMore;
    EXPECT_LT(out.size(), kReplyPieceBytes + 1024);
    for (const WireMessage& message : take_messages(out)) rows += message.type == 'D';
    EXPECT_TRUE(out.empty());  // A piece ends with a message.
  }
  EXPECT_EQ(rows, 20'000U);
  EXPECT_EQ(run.rows_sent(), 20'000U);
}

TEST_F(QueryRunTest, TransactionsChangeOnlyTheStatus) {
  EXPECT_EQ(run("BEGIN").back().body, "T");
  EXPECT_EQ(run("SHOW RPS").back().body, "T");
  EXPECT_EQ(types_of(run("SAVEPOINT a")), "CZ");
  EXPECT_EQ(run("nonsense").back().body, "E");
  EXPECT_EQ(field_of(run("SHOW RPS")[0], 'C'), "25P02");
  EXPECT_EQ(run("ROLLBACK TO SAVEPOINT a").back().body, "T");
  EXPECT_EQ(run("RELEASE a").back().body, "T");
  const auto gone = run("ROLLBACK TO a");
  EXPECT_EQ(field_of(gone[0], 'C'), "3B001");
  EXPECT_EQ(gone.back().body, "E");
  EXPECT_EQ(run("ROLLBACK").back().body, "I");
  EXPECT_EQ(field_of(run("SAVEPOINT a")[0], 'C'), "25P01");
  EXPECT_EQ(types_of(run("ROLLBACK")), "NCZ");
}

TEST_F(QueryRunTest, ACommitAfterAnErrorIsARollback) {
  run("BEGIN");
  run("nonsense");
  const auto messages = run("COMMIT");
  EXPECT_STREQ(messages[0].body.c_str(), "ROLLBACK");
  EXPECT_EQ(messages.back().body, "I");
}

TEST_F(QueryRunTest, NothingInheritsFromEvents) {
  EXPECT_EQ(types_of(run("SELECT c.oid::pg_catalog.regclass FROM pg_catalog.pg_class c, "
                         "pg_catalog.pg_inherits i WHERE c.oid = i.inhparent AND "
                         "i.inhrelid = '16384'")),
            "TCZ");
}

TEST_F(QueryRunTest, ShowAllListsTheSettings) {
  const auto messages = run("SHOW ALL");
  ASSERT_GT(messages.size(), 10U);
  EXPECT_EQ(values_of(messages[1])[0], "client_encoding");
}

TEST_F(QueryRunTest, WhatIsNotSupportedSaysSo) {
  for (const char* text : {"COPY events TO STDOUT", "COPY events FROM STDIN", "PREPARE p AS SELECT 1", "EXECUTE p",
                           "DECLARE c CURSOR FOR SELECT 1", "INSERT INTO events VALUES (1)"}) {
    const auto messages = run(text);
    ASSERT_EQ(types_of(messages), "EZ") << text;
    EXPECT_EQ(field_of(messages[0], 'C'), "0A000") << text;
    EXPECT_EQ(field_of(messages[0], 'P'), "1") << text;
    EXPECT_NE(field_of(messages[0], 'H'), "") << text;
  }
}

TEST_F(QueryRunTest, DriversGetTheirAnswers) {
  EXPECT_EQ(scalar("SHOW server_version"), "15.0 (kpistore 0.1.0)");
  EXPECT_EQ(scalar("show transaction isolation level"), "repeatable read");
  EXPECT_EQ(scalar("SELECT version()"), "PostgreSQL 15.0 (kpistore 0.1.0)");
  EXPECT_EQ(scalar("select pg_catalog.current_schema() AS s"), "public");
  EXPECT_EQ(scalar("SELECT current_database()"), "kpi");
  EXPECT_EQ(scalar("SELECT current_setting('TimeZone')"), std::nullopt);
  EXPECT_EQ(scalar("SELECT current_setting('timezone')"), "UTC");
  EXPECT_EQ(scalar("SELECT 1"), "1");
  for (const char* text : {"SET application_name = 'x'", "DISCARD ALL", "RESET ALL",
                           "DEALLOCATE ALL", "SET statement_timeout TO 0"}) {
    EXPECT_EQ(types_of(run(text)), "CZ") << text;
  }
}

TEST_F(QueryRunTest, CatalogQueriesAnswerWithTheAskedColumns) {
  const auto tables =
      run("SELECT n.nspname as \"Schema\", c.relname as \"Name\" FROM pg_catalog.pg_class c "
          "LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN "
          "('r','p','')");
  ASSERT_EQ(types_of(tables), "TDCZ");
  EXPECT_EQ(values_of(tables[1])[1], "events");
  EXPECT_EQ(types_of(run("SELECT x, f(a, b) FROM pg_catalog.pg_proc p WHERE true")), "TCZ");
  const auto star = run("SELECT * FROM pg_type");
  ASSERT_EQ(types_of(star), "EZ");
  EXPECT_EQ(field_of(star[0], 'C'), "0A000");
  EXPECT_EQ(types_of(run("SELECT column_name, data_type FROM information_schema.columns")).size(),
            4U + 7 + 2 + 1 - 1);  // T, the fixed columns, two measures, one label, C and Z.
}

TEST_F(QueryRunTest, DataThatLooksLikeCatalogsIsData) {
  const auto messages =
      run("SELECT count(*) FROM events WHERE client = 'x from pg_class; SET a = 1'");
  EXPECT_EQ(types_of(messages), "TDCZ");
}

}  // namespace
}  // namespace kpi::server::pgwire
