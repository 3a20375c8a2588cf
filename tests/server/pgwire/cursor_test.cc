// Cursors of statements: DECLARE, FETCH, MOVE and CLOSE, in both protocols.
#include <gtest/gtest.h>

#include "server/pgwire/conversation.h"
#include "tests/server/pgwire/extended_messages.h"
#include "tests/server/pgwire/sample_events.h"

namespace kpi::server::pgwire {
namespace {

// 192 rows: q is 0, 900, ...; n is 2 in each.
constexpr const char* kQuarters =
    "SELECT time_bucket('15 minutes', time) AS q, count(*) AS n FROM events GROUP BY q ORDER BY q";

class CursorTest : public testing::Test {
 protected:
  std::vector<WireMessage> send(std::string_view bytes) {
    std::string out;
    while (!bytes.empty()) {
      const std::size_t size = *message_size(bytes).value();
      const auto message = decode_message(bytes.substr(0, size));
      bytes.remove_prefix(size);
      if (!conversation_.begin(message.value(), std::make_shared<Interrupt>())) continue;
      while (conversation_.next(out) == RunProgress::kMore) {
      }
      conversation_.finish();
    }
    return take_messages(out);
  }
  std::vector<WireMessage> run(std::string_view text) { return send(query_message(text)); }
  std::string types(std::string_view text) { return types_of(run(text)); }
  // How many rows come, and the command tag: "2 FETCH 2"; or the state of the error.
  std::string outcome(std::string_view text) {
    std::size_t rows = 0;
    std::string tag;
    for (const WireMessage& message : run(text)) {
      if (message.type == 'E') return field_of(message, 'C');
      if (message.type == 'D') ++rows;
      if (message.type == 'C') tag = message.body.c_str();
    }
    return std::to_string(rows) + " " + tag;
  }
  std::string first_value(std::string_view text) {
    for (const WireMessage& message : run(text)) {
      if (message.type == 'D') return values_of(message)[0].value_or("NULL");
    }
    return "";
  }
  void declare() { run("BEGIN; DECLARE c CURSOR FOR " + std::string(kQuarters)); }

  test::ModelStore store_{test::sample_events()};
  QueryEnvironment environment_{store_, kResultRowsMax,
                                [] { return test::kSampleBeginMs + 2 * kDayMs; }};
  Conversation conversation_{environment_, [] {}};
};

TEST_F(CursorTest, FetchGivesTheNextRows) {
  EXPECT_EQ(types("BEGIN"), "CZ");
  EXPECT_EQ(outcome("DECLARE c NO SCROLL CURSOR FOR\n/* all */ " + std::string(kQuarters)),
            "0 DECLARE CURSOR");
  EXPECT_EQ(types("FETCH FORWARD 2 FROM c"), "TDDCZ");
  EXPECT_EQ(first_value("FETCH NEXT FROM \"c\""), "2026-11-22 00:30:00+00");
  EXPECT_EQ(outcome("fetch c"), "1 FETCH 1");
  EXPECT_EQ(outcome("FETCH 3 IN c"), "3 FETCH 3");
  EXPECT_EQ(outcome("FETCH 0 FROM c"), "0 FETCH 0");
  EXPECT_EQ(outcome("FETCH FORWARD ALL FROM c"), "185 FETCH 185");
  EXPECT_EQ(types("FETCH 10 FROM c"), "TCZ");
  EXPECT_EQ(outcome("CLOSE c"), "0 CLOSE CURSOR");
  EXPECT_EQ(outcome("FETCH c"), "34000");
}

TEST_F(CursorTest, SeveralAreIndependentAndMayBeInOneMessage) {
  EXPECT_EQ(types("BEGIN; DECLARE a CURSOR FOR SHOW RPS; DECLARE \"B b\" CURSOR FOR SELECT 1; "
                  "FETCH ALL a; FETCH ALL \"B b\"; CLOSE ALL; COMMIT"),
            "CCCTDDCTDCCCZ");
  EXPECT_EQ(environment_.suspended_bytes->load(), 0U);
}

TEST_F(CursorTest, MovePassesOverRows) {
  declare();
  EXPECT_EQ(types("MOVE 4 FROM c"), "CZ");
  EXPECT_EQ(first_value("FETCH c"), "2026-11-22 01:00:00+00");
  EXPECT_EQ(outcome("MOVE ABSOLUTE 8 IN c"), "0 MOVE 3");
  EXPECT_EQ(first_value("FETCH ABSOLUTE 12 FROM c"), "2026-11-22 02:45:00+00");
  EXPECT_EQ(first_value("FETCH RELATIVE 2 FROM c"), "2026-11-22 03:15:00+00");
  EXPECT_EQ(outcome("MOVE FORWARD ALL IN c"), "0 MOVE 178");
  EXPECT_EQ(outcome("FETCH RELATIVE 5 FROM c"), "0 FETCH 0");
}

TEST_F(CursorTest, NothingGoesBack) {
  for (const char* text : {"FETCH PRIOR FROM c", "FETCH BACKWARD 2 FROM c", "FETCH LAST FROM c",
                           "FETCH -1 FROM c", "MOVE RELATIVE -1 FROM c"}) {
    declare();
    EXPECT_EQ(outcome(text), "0A000") << text;
    run("ROLLBACK");
  }
  declare();
  run("FETCH 5 FROM c");
  EXPECT_EQ(outcome("FETCH FIRST FROM c"), "55000");
  run("ROLLBACK");
}

TEST_F(CursorTest, TheyEndWithTheirTransactionUnlessTheyAreHeld) {
  EXPECT_EQ(outcome("DECLARE c CURSOR FOR SHOW RPS"), "25P01");
  declare();
  EXPECT_EQ(outcome("DECLARE c CURSOR FOR SHOW RPS"), "42P03");
  run("ROLLBACK");
  EXPECT_EQ(outcome("FETCH c"), "34000");
  EXPECT_EQ(outcome("DECLARE h CURSOR WITH HOLD FOR SHOW RPS"), "0 DECLARE CURSOR");
  EXPECT_EQ(outcome("nonsense"), "42601");
  EXPECT_EQ(outcome("FETCH h"), "1 FETCH 1");
  run("BEGIN; DECLARE i CURSOR WITH HOLD FOR SHOW RPS; DECLARE j CURSOR WITHOUT HOLD FOR SHOW RPS");
  run("COMMIT");
  EXPECT_EQ(outcome("FETCH i"), "1 FETCH 1");
  EXPECT_EQ(outcome("FETCH j"), "34000");
  run("BEGIN; DECLARE k CURSOR WITH HOLD FOR SHOW RPS");
  run("ROLLBACK");
  EXPECT_EQ(outcome("FETCH k"), "34000");
  EXPECT_EQ(outcome("FETCH h"), "1 FETCH 1");
  run("DISCARD ALL");
  EXPECT_EQ(outcome("FETCH h"), "34000");
}

TEST_F(CursorTest, DriversDescribeAndFetchInBinary) {
  run("BEGIN");
  EXPECT_EQ(types_of(send(parse_message("",
                                        "DECLARE \"c\" CURSOR FOR SELECT rp, count(*) AS n FROM "
                                        "events WHERE rp = $1 GROUP BY rp") +
                          bind_message("", "", {"https://a.example"}) + describe_message('P', "") +
                          execute_message("") + sync_message())),
            "12nCZ");
  EXPECT_EQ(types_of(send(describe_message('P', "c") + sync_message())), "TZ");
  const auto fetched =
      send(parse_message("", "FETCH FORWARD 5 FROM \"c\"") + bind_message("", "", {}, {}, {1}) +
           describe_message('P', "") + execute_message("") + sync_message());
  ASSERT_EQ(types_of(fetched), "12TDCZ");
  EXPECT_EQ(values_of(fetched[3])[1], big_endian(0) + big_endian(192));
  EXPECT_EQ(types_of(send(parse_message("", "FETCH 1 FROM nobody") + sync_message())), "EZ");
  run("ROLLBACK");
}

TEST_F(CursorTest, AFetchHasTheRowLimitOfItsExecute) {
  declare();
  const auto messages = send(parse_message("", "FETCH 5 FROM c") + bind_message("f", "") +
                             execute_message("f", 3) + execute_message("f", 3) + sync_message());
  EXPECT_EQ(types_of(messages), "12DDDsDDCZ");
  EXPECT_EQ(first_value("FETCH c"), "2026-11-22 01:15:00+00");
}

TEST_F(CursorTest, WhatHasNoRowsIsNoCursor) {
  run("BEGIN");
  send(parse_message("", "COPY (SHOW RPS) TO STDOUT") + bind_message("copy", "") +
       parse_message("", "FETCH 1 FROM copy") + sync_message());
  run("ROLLBACK");
  for (const char* text :
       {"DECLARE c CURSOR FOR BEGIN", "DECLARE c CURSOR FOR",
        "DECLARE c CURSOR FOR SELECT 1 SELECT 2", "DECLARE CURSOR FOR SELECT 1", "FETCH", "MOVE 1",
        "FETCH 1 FROM a b", "DECLARE c CURSOR FOR CREATE MILESTONE 'a' AT '2026-11-10'"}) {
    run("BEGIN");
    EXPECT_EQ(outcome(text).substr(0, 2), "42") << text;
    run("ROLLBACK");
  }
  for (const char* text :
       {"DECLARE c SCROLL CURSOR FOR SELECT 1", "DECLARE c CURSOR FOR FOLLOW",
        "DECLARE c CURSOR FOR FETCH c", "DECLARE c BINARY CURSOR FOR SELECT 1"}) {
    run("BEGIN");
    EXPECT_EQ(outcome(text), "0A000") << text;
    run("ROLLBACK");
  }
}

TEST_F(CursorTest, PlacesOfErrorsAreThoseOfTheMessage) {
  const std::string text = "DECLARE c CURSOR\n FOR SELECT nonsense(1) FROM events";
  const auto messages = run("BEGIN; " + text);
  ASSERT_EQ(types_of(messages), "CEZ");
  EXPECT_EQ(field_of(messages[1], 'P'), std::to_string(7 + text.find("nonsense") + 1));
}

TEST_F(CursorTest, CursorsAndWhatTheyHoldAreBounded) {
  run("BEGIN");
  for (std::size_t i = 0; i < kPortalsMax; ++i) {
    EXPECT_EQ(outcome("DECLARE c" + std::to_string(i) + " CURSOR FOR SHOW RPS"),
              "0 DECLARE CURSOR");
  }
  EXPECT_EQ(outcome("DECLARE more CURSOR FOR SHOW RPS"), "54000");
  run("ROLLBACK");
  declare();
  environment_.suspended_bytes->store(kSuspendedBytesMax);  // Others hold all of it.
  EXPECT_EQ(outcome("FETCH c"), "54000");
  environment_.suspended_bytes->store(0);
  run("ROLLBACK");
}

}  // namespace
}  // namespace kpi::server::pgwire
