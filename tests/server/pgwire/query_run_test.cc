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
  EXPECT_EQ(types_of(run("SET x = 1; SELECT count(*) FROM events; COMMIT")), "CTDCNCZ");
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

TEST_F(QueryRunTest, StatementsAreUtf8) {
  const auto messages = run("SELECT 'a\xff'");
  ASSERT_EQ(types_of(messages), "EZ");
  EXPECT_EQ(field_of(messages[0], 'C'), "22021");
  EXPECT_EQ(scalar("SELECT 'h\xc3\xa4'"), "h\xc3\xa4");
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

TEST_F(QueryRunTest, WhatResultsOfAllSessionsHoldIsBounded) {
  environment_.held_bytes->store(kHeldBytesMax);  // Others hold all of it.
  const auto messages = run("SHOW RPS");
  ASSERT_EQ(types_of(messages), "EZ");
  EXPECT_EQ(field_of(messages[0], 'C'), "57P03");
  environment_.held_bytes->store(0);
  EXPECT_EQ(types_of(run("SHOW RPS")), "TDDCZ");
  EXPECT_EQ(environment_.held_bytes->load(), 0U);
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
  EXPECT_EQ(values_of(messages[1])[0], "application_name");
}

TEST_F(QueryRunTest, WhatIsNotSupportedSaysSo) {
  for (const char* text : {"COPY events TO STDOUT", "COPY events FROM STDIN",
                           "PREPARE p AS SELECT 1", "EXECUTE p", "INSERT INTO events VALUES (1)"}) {
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
  EXPECT_EQ(types_of(run("SET application_name = 'x'")), "SCZ");
  EXPECT_EQ(scalar("SHOW application_name"), "x");
  for (const char* text :
       {"DISCARD ALL", "RESET ALL", "DEALLOCATE ALL", "SET statement_timeout TO 0"}) {
    EXPECT_EQ(types_of(run(text)), "CZ") << text;
  }
}

TEST_F(QueryRunTest, CatalogTextsMayHaveTheNameOfANumber) {
  const auto answers = run("SELECT nspname AS ordinal_position FROM pg_catalog.pg_namespace");
  ASSERT_EQ(types_of(answers), "TDCZ");
  EXPECT_EQ(scalar("SELECT nspname AS ordinal_position FROM pg_namespace"), "public");
  EXPECT_EQ(scalar("SELECT oid FROM pg_namespace"), "2200");
  EXPECT_EQ(types_of(run("SELECT typname AS oid, typname AS typlen FROM pg_type LIMIT 0")).back(),
            'Z');
}

// One that tried every run of every % would take longer than anybody waits.
TEST_F(QueryRunTest, CatalogPatternsTakeNoTimeWhateverTheyAre) {
  const auto named = [&](const std::string& pattern) {
    const std::string query = "SELECT name FROM pg_settings WHERE name LIKE '" + pattern + "'";
    return types_of(run(query));
  };
  EXPECT_EQ(named("server%encod_ng"), "TDCZ");
  EXPECT_EQ(named("%_version%"), "TDDCZ");
  EXPECT_EQ(named("server\\_%\\_num"), "TDCZ");
  EXPECT_EQ(named("server\\%"), "TCZ");
  EXPECT_EQ(named(std::string(100, '%') + "x"), "TCZ");
  std::string often;
  for (int i = 0; i < 40; ++i) often += "%_";
  EXPECT_EQ(named(often), "TCZ");
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
  EXPECT_EQ(scalar("SELECT count(*) FROM information_schema.tables WHERE table_name = 'events'"),
            "1");
  EXPECT_EQ(scalar("SELECT COUNT(1) AS n FROM pg_catalog.pg_proc"), "0");
  EXPECT_EQ(scalar("SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = 'events')"), "t");
  EXPECT_EQ(scalar("select exists(select table_name from information_schema.tables where "
                   "table_name = 'users') as there"),
            "f");
  EXPECT_EQ(types_of(run("SELECT EXISTS (SELECT 1)")), "EZ");
  for (const char* none : {"tables WHERE table_name = 'users'", "tables where table_schema='x'",
                           "columns WHERE table_name = 'users' AND column_name LIKE 't%'"}) {
    EXPECT_EQ(types_of(run(std::string("SELECT table_name FROM information_schema.") + none)),
              "TCZ");
  }
  EXPECT_EQ(scalar("SELECT table_name FROM information_schema.tables WHERE table_name = 'users' OR "
                   "table_name = 'events'"),
            "events");
  EXPECT_EQ(scalar("SELECT data_type FROM information_schema.columns WHERE column_name = 'rp'"),
            "text");
  EXPECT_EQ(types_of(run("SELECT column_name, data_type FROM information_schema.columns")).size(),
            4U + 7 + 2 + 1 - 1);  // T, the fixed columns, two measures, one label, C and Z.
}

TEST_F(QueryRunTest, JdbcGetsItsMetadata) {
  const auto tables =
      run("SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME, CASE WHEN "
          "c.relkind = 'r' THEN 'TABLE' END AS TABLE_TYPE FROM pg_catalog.pg_namespace n, "
          "pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid) WHERE "
          "c.relnamespace = n.oid AND c.relname LIKE 'ev%' ORDER BY TABLE_TYPE");
  ASSERT_EQ(types_of(tables), "TDCZ");
  EXPECT_EQ(values_of(tables[1])[2], "events");
  EXPECT_EQ(values_of(tables[1])[3], "TABLE");
  EXPECT_EQ(types_of(run("SELECT c.relname FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c "
                         "WHERE c.relnamespace = n.oid AND c.relname LIKE 'other'")),
            "TCZ");
  const std::string columns =
      "SELECT * FROM (SELECT n.nspname,c.relname,a.attname,a.atttypid,row_number() OVER (PARTITION "
      "BY a.attrelid ORDER BY a.attnum) AS attnum FROM pg_catalog.pg_namespace n JOIN "
      "pg_catalog.pg_class c ON (c.relnamespace = n.oid) JOIN pg_catalog.pg_attribute a ON "
      "(a.attrelid=c.oid) LEFT JOIN pg_catalog.pg_class dc ON (dc.oid=dsc.classoid AND "
      "dc.relname='pg_class') WHERE c.relname LIKE 'events') c WHERE true";
  const auto all = run(columns + " ORDER BY nspname,c.relname,attnum ");
  EXPECT_EQ(types_of(all), "TDDDDDDDDDDCZ");
  EXPECT_EQ(values_of(all[1])[2], "time");
  EXPECT_EQ(values_of(all[1])[3], "1184");
  EXPECT_EQ(values_of(all[2])[4], "2");
  EXPECT_EQ(types_of(run(columns + " AND attname LIKE 'cl%'")), "TDCZ");
  EXPECT_EQ(types_of(run("SELECT result.TABLE_NAME, result.KEY_SEQ FROM (SELECT ct.relname AS "
                         "TABLE_NAME, (information_schema._pg_expandarray(i.indkey)).n AS KEY_SEQ "
                         "FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_index i ON (ct.oid = "
                         "i.indrelid)) result where result.A_ATTNUM = (result.KEYS).x")),
            "TCZ");
  EXPECT_EQ(scalar("SELECT setting FROM pg_catalog.pg_settings WHERE name='max_index_keys'"), "32");
}

TEST_F(QueryRunTest, GrafanaGetsItsAnswers) {
  EXPECT_EQ(scalar("SELECT current_setting('server_version_num')::int/100 as version"), "1500");
  EXPECT_EQ(types_of(run("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'")),
            "TCZ");
  EXPECT_EQ(
      scalar("select quote_ident(table_name) as \"table\" from information_schema.tables where "
             "quote_ident(table_schema) not in ('information_schema', 'pg_catalog')"),
      "events");
  EXPECT_EQ(scalar("SELECT CASE WHEN quote_ident(table_schema) IN ('public') THEN "
                   "quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || "
                   "quote_ident(table_name) END AS \"table\" FROM information_schema.tables"),
            "events");
  const auto columns =
      run("select quote_ident(column_name) as \"column\", data_type as \"type\" "
          "from information_schema.columns where quote_ident(table_name) = 'events'");
  EXPECT_EQ(values_of(columns.at(1))[0], "time");
  EXPECT_EQ(values_of(columns.at(1))[1], "timestamp with time zone");
}

TEST_F(QueryRunTest, TypesAreLookedUp) {
  EXPECT_EQ(scalar("SELECT typname FROM pg_type WHERE oid = 20"), "int8");
  EXPECT_EQ(scalar("SELECT t.oid AS type_number FROM pg_type t WHERE t.oid = 'text'::regtype"),
            "25");
  EXPECT_EQ(types_of(run("SELECT oid FROM pg_type WHERE typname IN ('hstore', 'geometry')")),
            "TCZ");
  EXPECT_EQ(types_of(run("SELECT oid FROM pg_type WHERE typname IN ('int4', 'int8')")), "TDDCZ");
  EXPECT_EQ(types_of(run("SELECT name AS \"Column\", pg_catalog.format_type(tp, tpm) AS \"Type\"\n"
                         "FROM (VALUES ('a', '25'::pg_catalog.oid, -1),('b', "
                         "'20'::pg_catalog.oid, -1)) s(name, tp, tpm)")),
            "TDDCZ");
}

TEST_F(QueryRunTest, DataThatLooksLikeCatalogsIsData) {
  const auto messages =
      run("SELECT count(*) FROM events WHERE client = 'x from pg_class; SET a = 1'");
  EXPECT_EQ(types_of(messages), "TDCZ");
}

TEST_F(QueryRunTest, WhatIsSetIsShownAndUndoneByARollback) {
  state_.facts.settings = SessionSettings(std::chrono::milliseconds(10'000));
  EXPECT_EQ(scalar("SHOW statement_timeout"), "10s");
  run("SET statement_timeout TO '250ms'");
  EXPECT_EQ(scalar("SHOW statement_timeout"), "250ms");
  run("BEGIN");
  run("SET LOCAL statement_timeout = 50");
  EXPECT_EQ(scalar("SHOW statement_timeout"), "50ms");
  run("COMMIT");
  EXPECT_EQ(scalar("SHOW statement_timeout"), "250ms");
  run("BEGIN");
  run("SET statement_timeout = 70");
  run("ROLLBACK");
  EXPECT_EQ(state_.facts.settings.statement_timeout().count(), 250);
  run("SET statement_timeout = '1h'");  // The server's own limit stands.
  EXPECT_EQ(state_.facts.settings.statement_timeout().count(), 10'000);
  run("SET statement_timeout = 0");
  EXPECT_EQ(state_.facts.settings.statement_timeout().count(), 10'000);
  EXPECT_EQ(field_of(run("SET statement_timeout = 'soon'")[0], 'C'), "22023");
  EXPECT_EQ(field_of(run("SET server_version = '1'")[0], 'C'), "22023");
  EXPECT_EQ(types_of(run("SET TIME ZONE 'Europe/Berlin'")), "NCZ");
  EXPECT_EQ(types_of(run("SET timezone = 'UTC'")), "CZ");
  EXPECT_EQ(scalar("SHOW timezone"), "UTC");
}

TEST_F(QueryRunTest, SettingsAreBounded) {
  for (std::size_t i = 0; i < kSettingsMax; ++i) {
    EXPECT_EQ(types_of(run("SET a.x" + std::to_string(i) + " = 'y'")), "CZ") << i;
  }
  EXPECT_EQ(field_of(run("SET a.more = 'y'")[0], 'C'), "54000");
  run("RESET ALL");
  EXPECT_EQ(types_of(run("SET a.m = '" + std::string(kSettingBytesMax - 3, 'y') + "'")), "CZ");
  EXPECT_EQ(field_of(run("SET a.m = '" + std::string(kSettingBytesMax - 2, 'y') + "'")[0], 'C'),
            "54000");
}

std::string copied(const std::vector<WireMessage>& messages) {
  std::string data;
  for (const WireMessage& message : messages) {
    if (message.type == 'd') data += message.body;
  }
  return data;
}

TEST_F(QueryRunTest, CopySendsTextAndCsv) {
  const std::string query =
      "COPY (SELECT rp, count(*) AS n, p50(turnaround_time) AS p FROM events WHERE outcome = "
      "'failure' GROUP BY rp ORDER BY rp) TO STDOUT";
  const auto text = run(query);
  EXPECT_EQ(types_of(text), "HddcCZ");
  EXPECT_EQ(text[0].body, std::string("\0\0\3\0\0\0\0\0\0", 9));
  EXPECT_EQ(copied(text), "https://a.example\t24\t\\N\nhttps://b.example\t24\t\\N\n");
  EXPECT_STREQ(text[4].body.c_str(), "COPY 2");
  const char* kCsv = "rp,n,p\nhttps://a.example,24,\nhttps://b.example,24,\n";
  for (const char* options : {" CSV HEADER", " WITH (FORMAT csv, HEADER)", " WITH CSV HEADER",
                              " (format 'csv', header true)"}) {
    EXPECT_EQ(copied(run(query + options)), kCsv) << options;
  }
  EXPECT_EQ(copied(run(query + " (FORMAT csv, DELIMITER ';', NULL 'none', FORCE_QUOTE (rp))")),
            "\"https://a.example\";24;none\n\"https://b.example\";24;none\n");
  EXPECT_EQ(types_of(run("copy (select 1) to stdout")), "HdcCZ");
}

TEST_F(QueryRunTest, CopyQuotesWhatNeedsIt) {
  const std::string odd =
      "COPY (SELECT 'a\tb\\c' AS x, 'say \"hi\", you\nthere' AS y, '' AS z) TO STDOUT";
  EXPECT_EQ(copied(run(odd)), "a\\tb\\\\c\tsay \"hi\", you\\nthere\t\n");
  EXPECT_EQ(copied(run(odd + " CSV")), "a\tb\\c,\"say \"\"hi\"\", you\nthere\",\"\"\n");
  EXPECT_EQ(copied(run("COPY (SELECT '\\.' AS x) TO STDOUT CSV")), "\"\\.\"\n");
}

TEST_F(QueryRunTest, CopyRefusesWhatItCannotDo) {
  const auto state = [&](const std::string& text) {
    const auto messages = run(text);
    EXPECT_EQ(types_of(messages), "EZ") << text;
    return field_of(messages[0], 'C');
  };
  EXPECT_EQ(state("COPY (SELECT 1) TO '/etc/passwd'"), "0A000");
  EXPECT_EQ(state("COPY (SELECT 1) TO PROGRAM 'x'"), "0A000");
  EXPECT_EQ(state("COPY (SELECT 1) TO STDOUT BINARY"), "0A000");
  EXPECT_EQ(state("COPY (SELECT 1) TO STDOUT (FORMAT parquet)"), "22023");
  EXPECT_EQ(state("COPY (SELECT 1) TO STDOUT (DELIMITER ';;')"), "22023");
  EXPECT_EQ(state("COPY (SELECT 1) TO STDOUT (QUOTE '\"')"), "22023");
  EXPECT_EQ(state("COPY (SELECT 1) TO STDOUT (FORMAT csv, FORCE_QUOTE (other))"), "22023");
  EXPECT_EQ(state("COPY (SELECT 1; SELECT 2) TO STDOUT"), "22023");
  EXPECT_EQ(state("COPY (SELECT 1 TO STDOUT"), "22023");
  EXPECT_EQ(state("COPY (BEGIN) TO STDOUT"), "42601");
  const auto wrong = run("COPY (SELECT count(* FROM events) TO STDOUT");
  EXPECT_EQ(wrong[0].type, 'E');
}

TEST_F(QueryRunTest, GrafanasTimeGroupsAreTimeBuckets) {
  const auto messages = run(
      "SELECT floor(extract(epoch from time)/3600)*3600 AS \"time\", count(*) FROM events WHERE "
      "time BETWEEN '2026-11-22T00:00:00Z' AND '2026-11-22T01:59:59.999Z' GROUP BY 1 ORDER BY 1");
  ASSERT_EQ(types_of(messages), "TDDCZ");
  EXPECT_EQ(values_of(messages[1])[0], "2026-11-22 00:00:00+00");
  EXPECT_EQ(values_of(messages[2])[1], "8");
  EXPECT_EQ(scalar("SELECT 'floor(extract(epoch from time)/60)*60' AS x"),
            "floor(extract(epoch from time)/60)*60");
  // A zoomed panel asks for less than a second: nothing is finer here.
  for (const char* text : {"floor(extract(epoch from time)/0.2)*0.2", "time_bucket('0.200s',time)",
                           "floor(extract(epoch from \"time\")/1)*1"}) {
    EXPECT_EQ(types_of(run("SELECT " + std::string(text) +
                           " AS \"time\", count(*) FROM events "
                           "GROUP BY 1 LIMIT 1")),
              "TDCZ")
        << text;
  }
  EXPECT_EQ(field_of(run("SELECT floor(extract(epoch from time)/60)*61 FROM events")[0], 'P'),
            "28");
}

}  // namespace
}  // namespace kpi::server::pgwire
