#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "server/pgwire/conversation.h"
#include "server/pgwire/wire_types.h"
#include "tests/server/pgwire/extended_messages.h"
#include "tests/server/pgwire/sample_events.h"

namespace kpi::server::pgwire {
namespace {

using std::string_literals::operator""s;

class ExtendedTest : public testing::Test {
 protected:
  ExtendedTest() { conversation_.state().facts.user = "alice"; }

  // What is answered to all of `bytes`, whole messages.
  std::vector<WireMessage> send(std::string_view bytes) {
    std::string out;
    while (!bytes.empty()) {
      const auto size = message_size(bytes);
      EXPECT_TRUE(size.ok() && size.value() && *size.value() <= bytes.size());
      const auto message = decode_message(bytes.substr(0, *size.value()));
      bytes.remove_prefix(*size.value());
      if (!conversation_.begin(message.value(), std::make_shared<Interrupt>())) continue;
      while (conversation_.next(out) == RunProgress::kMore) {
      }
      conversation_.finish();
    }
    return take_messages(out);
  }
  std::string types(std::string_view bytes) { return types_of(send(bytes)); }
  std::string error(std::string_view bytes) {
    const auto messages = send(bytes);
    EXPECT_EQ(messages.empty() ? '-' : messages[0].type, 'E');
    return messages.empty() ? "" : field_of(messages[0], 'C');
  }

  test::ModelStore store_{test::sample_events()};
  QueryEnvironment environment_{store_, kResultRowsMax,
                                [] { return test::kSampleBeginMs + 2 * kDayMs; }};
  Conversation conversation_{environment_, [] {}};
};

constexpr const char* kByRp = "SELECT rp, count(*) FROM events GROUP BY rp ORDER BY rp";

TEST_F(ExtendedTest, AStatementIsPreparedDescribedBoundAndRun) {
  const auto messages =
      send(parse_message("", kByRp) + describe_message('S', "") + bind_message("", "") +
           describe_message('P', "") + execute_message("") + sync_message());
  ASSERT_EQ(types_of(messages), "1tT2TDDCZ");
  EXPECT_EQ(messages[1].body, "\0\0"s);
  EXPECT_EQ(messages[2].body, messages[4].body);
  EXPECT_EQ(values_of(messages[5])[0], "https://a.example");
  EXPECT_EQ(values_of(messages[6])[1], "192");
  EXPECT_STREQ(messages[7].body.c_str(), "SELECT 2");
  EXPECT_EQ(messages[8].body, "I");
}

TEST_F(ExtendedTest, ParametersComeInTextAndBinary) {
  const std::string text =
      "SELECT count(*) FROM events WHERE rp = $1 AND time >= $2 AND turnaround_time > $3";
  const auto described =
      send(parse_message("s", text) + describe_message('S', "s") + sync_message());
  ASSERT_EQ(types_of(described), "1tTZ");
  EXPECT_EQ(described[1].body, u16(3) + big_endian(25) + big_endian(1184) + big_endian(20));
  const auto in_text = send(bind_message("", "s", {"https://a.example", "2026-11-23", "200"}) +
                            execute_message("") + sync_message());
  ASSERT_EQ(types_of(in_text), "2DCZ");
  std::string micros;
  append_binary(micros, query::Value(test::kSampleBeginMs + kDayMs), query::Type::kTimestamp);
  const auto in_binary =
      send(bind_message("", "s", {"https://a.example", micros, "\0\0\0\0\0\0\0\xc8"s}, {1}, {1}) +
           execute_message("") + sync_message());
  ASSERT_EQ(types_of(in_binary), "2DCZ");
  EXPECT_EQ(values_of(in_text[1])[0], "79");
  EXPECT_EQ(values_of(in_binary[1])[0], "\0\0\0\0\0\0\0\x4f"s);
}

TEST_F(ExtendedTest, TheTypesAClientDeclaresAreKept) {
  const auto messages =
      send(parse_message("s",
                         "SELECT count(*) FROM events WHERE "
                         "turnaround_time > $1 AND client = $2",
                         {oid::kInt4, 0}) +
           describe_message('S', "s") + bind_message("", "s", {"\0\0\0\xc8"s, "client1"}, {1, 0}) +
           execute_message("") + sync_message());
  ASSERT_EQ(types_of(messages), "1tT2DCZ");
  EXPECT_EQ(messages[1].body, u16(2) + big_endian(23) + big_endian(25));
  EXPECT_EQ(error(bind_message("", "s", {"xx", "client1"}, {1, 0}) + sync_message()), "22P03");
  EXPECT_EQ(error(bind_message("", "s", {"many", "client1"}) + sync_message()), "22P02");
  EXPECT_EQ(error(bind_message("", "s", {"1"}) + sync_message()), "08P01");
  EXPECT_EQ(error(bind_message("", "s", {"1", "c"}, {0, 0, 0}) + sync_message()), "08P01");
  EXPECT_EQ(error(bind_message("", "s", {"1", "c"}, {2}) + sync_message()), "08P01");
  EXPECT_EQ(error(bind_message("", "s", {"1", "c"}, {}, {0, 1}) + sync_message()), "08P01");
}

TEST_F(ExtendedTest, TextsAreUtf8) {
  EXPECT_EQ(error(parse_message("", "SELECT '\xff'") + sync_message()), "22021");
  EXPECT_EQ(types(parse_message("", "SELECT count(*) FROM events WHERE rp = $1") +
                  bind_message("", "", {"\xff"}) + sync_message()),
            "1EZ");
}

TEST_F(ExtendedTest, NullIsAValue) {
  EXPECT_EQ(types(parse_message("", "SELECT count(*) FROM events WHERE client = $1") +
                  bind_message("", "", {std::nullopt}) + execute_message("") + sync_message()),
            "12DCZ");
}

TEST_F(ExtendedTest, ErrorsSkipToSync) {
  const auto messages =
      send(parse_message("", "SELEKT 1") + bind_message("", "") + execute_message("") +
           query_message("SELECT 1") + parse_message("kept", "SELECT 1") + sync_message() +
           bind_message("", "kept") + sync_message());
  ASSERT_EQ(types_of(messages), "EZEZ");
  EXPECT_EQ(field_of(messages[0], 'C'), "42601");
  EXPECT_EQ(field_of(messages[0], 'P'), "1");
  EXPECT_EQ(field_of(messages[2], 'C'), "26000");
}

TEST_F(ExtendedTest, MalformedMessagesAreErrorsAndTheSessionLives) {
  for (const char type : {'P', 'B', 'D', 'C', 'E'}) {
    for (const char* body : {"", "x", "xxxxxxxxxx"}) {
      EXPECT_EQ(error(frontend_message(type, body) + sync_message()), "08P01") << type << body;
    }
  }
  EXPECT_EQ(types(query_message("SELECT 1")), "TDCZ");
}

TEST_F(ExtendedTest, SeveralStatementsCannotBePrepared) {
  EXPECT_EQ(error(parse_message("", "SELECT 1; SELECT 2") + sync_message()), "42601");
  EXPECT_EQ(types(parse_message("", "SELECT 1;") + sync_message()), "1Z");
}

TEST_F(ExtendedTest, NothingIsAnEmptyQuery) {
  EXPECT_EQ(types(parse_message("", " ; ") + describe_message('S', "") + bind_message("", "") +
                  describe_message('P', "") + execute_message("") + sync_message()),
            "1tn2nIZ");
}

TEST_F(ExtendedTest, RowLimitsSuspendAPortal) {
  send(query_message("BEGIN"));
  const auto messages = send(parse_message("", "SHOW RPS") + bind_message("p", "") +
                             execute_message("p", 1) + sync_message() + execute_message("p", 1) +
                             execute_message("p", 1) + execute_message("p", 1) + sync_message());
  ASSERT_EQ(types_of(messages), "12DsZDsCCZ");
  EXPECT_EQ(values_of(messages[2])[0], "https://a.example");
  EXPECT_EQ(values_of(messages[5])[0], "https://b.example");
  EXPECT_GT(kSuspendedBytesMax, environment_.suspended_bytes->load());
  send(query_message("COMMIT"));
  EXPECT_EQ(error(execute_message("p") + sync_message()), "34000");
  EXPECT_EQ(environment_.suspended_bytes->load(), 0U);
}

TEST_F(ExtendedTest, WhatSuspendedPortalsHoldIsBounded) {
  environment_.suspended_bytes->store(kSuspendedBytesMax);  // Others hold all of it.
  EXPECT_EQ(types(parse_message("", kByRp) + bind_message("", "") + execute_message("", 1) +
                  sync_message()),
            "12DEZ");
  environment_.suspended_bytes->store(0);
  EXPECT_EQ(types(parse_message("", kByRp) + bind_message("", "") + execute_message("", 1) +
                  sync_message()),
            "12DsZ");
  EXPECT_EQ(environment_.suspended_bytes->load(), 0U);
}

TEST_F(ExtendedTest, PortalsEndWithTheirTransaction) {
  EXPECT_EQ(types(parse_message("s", kByRp) + bind_message("p", "s") + sync_message()), "12Z");
  EXPECT_EQ(error(execute_message("p") + sync_message()), "34000");
  send(query_message("BEGIN") + bind_message("p", "s") + sync_message());
  EXPECT_EQ(types(execute_message("p") + sync_message()), "DDCZ");
  EXPECT_EQ(types(execute_message("p") + sync_message()), "CZ");  // Nothing is left.
  EXPECT_EQ(error(bind_message("p", "s") + sync_message()), "42P03");
  send(query_message("ROLLBACK"));
  EXPECT_EQ(error(execute_message("p") + sync_message()), "34000");
}

TEST_F(ExtendedTest, NamedStatementsStayAndTheUnnamedIsReplaced) {
  EXPECT_EQ(types(parse_message("s", "SELECT 1") + parse_message("", "SHOW RPS") +
                  parse_message("", kByRp) + sync_message()),
            "111Z");
  EXPECT_EQ(error(parse_message("s", "SELECT 1") + sync_message()), "42P05");
  EXPECT_EQ(
      types(bind_message("", "") + bind_message("", "s") + execute_message("") + sync_message()),
      "22DCZ");
  send(query_message("SELECT 1"));  // Ends the unnamed statement.
  EXPECT_EQ(error(bind_message("", "") + sync_message()), "26000");
  EXPECT_EQ(types(close_message('S', "s") + close_message('S', "s") + close_message('P', "none") +
                  sync_message()),
            "333Z");
  EXPECT_EQ(error(describe_message('S', "s") + sync_message()), "26000");
  EXPECT_EQ(error(describe_message('P', "p") + sync_message()), "34000");
}

TEST_F(ExtendedTest, DeallocateAndDiscardEndStatements) {
  send(parse_message("a", "SELECT 1") + parse_message("B", "SELECT 1") + sync_message());
  EXPECT_EQ(types(query_message("DEALLOCATE \"B\"")), "CZ");
  EXPECT_EQ(error(query_message("DEALLOCATE b")), "26000");
  EXPECT_EQ(error(bind_message("", "B") + sync_message()), "26000");
  EXPECT_EQ(types(query_message("DISCARD ALL")), "CZ");
  EXPECT_EQ(error(bind_message("", "a") + sync_message()), "26000");
}

TEST_F(ExtendedTest, AFailedTransactionTakesOnlyItsEnd) {
  send(parse_message("good", "SELECT 1") + parse_message("end", "COMMIT") + sync_message());
  send(query_message("BEGIN"));
  const auto failed = send(parse_message("", "SELEKT") + sync_message());
  EXPECT_EQ(failed.back().body, "E");
  EXPECT_EQ(error(parse_message("", "SELECT 1") + sync_message()), "25P02");
  EXPECT_EQ(error(bind_message("", "good") + sync_message()), "25P02");
  EXPECT_EQ(error(query_message("SELECT 1")), "25P02");
  const auto ended = send(bind_message("", "end") + execute_message("") + sync_message());
  ASSERT_EQ(types_of(ended), "2CZ");
  EXPECT_STREQ(ended[1].body.c_str(), "ROLLBACK");
  EXPECT_EQ(ended[2].body, "I");
}

TEST_F(ExtendedTest, CommandsRunOnceAndHaveNoRows) {
  EXPECT_EQ(types(parse_message("", "BEGIN") + describe_message('S', "") + bind_message("", "") +
                  execute_message("") + sync_message()),
            "1tn2CZ");
  EXPECT_EQ(types(parse_message("", "SET application_name = 'x'") + bind_message("p", "") +
                  execute_message("p") + execute_message("p") + sync_message()),
            "12SCEZ");
}

TEST_F(ExtendedTest, TheServersOwnQuestionsTakeParameters) {
  const auto messages = send(
      parse_message("", "SELECT typname, oid FROM pg_catalog.pg_type WHERE typname = $1", {1043}) +
      describe_message('S', "") + bind_message("", "", {"int8"}) + execute_message("") +
      sync_message());
  ASSERT_EQ(types_of(messages), "1tT2DCZ");
  EXPECT_EQ(messages[1].body, u16(1) + big_endian(1043));
  EXPECT_EQ(values_of(messages[4])[1], "20");
}

TEST_F(ExtendedTest, CopyComesWithoutDescription) {
  EXPECT_EQ(types(parse_message("", "COPY (SELECT 1 AS x) TO STDOUT CSV HEADER") +
                  describe_message('S', "") + bind_message("", "") + describe_message('P', "") +
                  execute_message("", 1) + sync_message()),
            "1tn2nHddcCZ");
}

TEST_F(ExtendedTest, BinaryResultsByColumn) {
  const auto messages =
      send(parse_message("",
                         "SELECT rp, count(*) AS n, avg(turnaround_time) AS a, max(turnaround_"
                         "time) AS m FROM events WHERE outcome = 'failure' GROUP BY rp LIMIT 1") +
           bind_message("", "", {}, {}, {0, 1, 1, 0}) + describe_message('P', "") +
           execute_message("") + sync_message());
  ASSERT_EQ(types_of(messages), "12TDCZ");
  const auto values = values_of(messages[3]);
  EXPECT_EQ(values[0], "https://a.example");
  EXPECT_EQ(values[1], "\0\0\0\0\0\0\0\x18"s);
  EXPECT_EQ(values[2], std::nullopt);
  EXPECT_EQ(messages[2].body.substr(messages[2].body.size() - 2), "\0\0"s);
}

TEST_F(ExtendedTest, StatementsAndPortalsAreBounded) {
  for (std::size_t i = 0; i < kPreparedStatementsMax; ++i) {
    ASSERT_EQ(types(parse_message("s" + std::to_string(i), "SELECT 1")), "1") << i;
  }
  EXPECT_EQ(error(parse_message("more", "SELECT 1") + sync_message()), "54000");
  send(query_message("BEGIN"));
  for (std::size_t i = 0; i < kPortalsMax; ++i) {
    ASSERT_EQ(types(bind_message("p" + std::to_string(i), "s0")), "2") << i;
  }
  EXPECT_EQ(error(bind_message("more", "s0") + sync_message()), "54000");
  send(query_message("ROLLBACK") + query_message("DEALLOCATE ALL"));
  const std::string long_text = "SELECT 1 --" + std::string(kStatementBytesMax - 11, 'x');
  for (std::size_t i = 0; i + 1 < kPreparedTextBytesMax / kStatementBytesMax; ++i) {
    ASSERT_EQ(types(parse_message("s" + std::to_string(i), long_text)), "1") << i;
  }
  EXPECT_EQ(error(parse_message("more", long_text) + sync_message()), "54000");
  EXPECT_EQ(error(parse_message("long", long_text + "x") + sync_message()), "54000");
}

TEST_F(ExtendedTest, BoundParametersAreBounded) {
  send(parse_message("s", "SELECT count(*) FROM events WHERE client = $1") +
       query_message("BEGIN"));
  const std::string value(200'000, 'x');
  std::size_t bound = 0;
  std::string answer;
  while ((answer = types(bind_message("p" + std::to_string(bound), "s", {value}))) == "2") ++bound;
  EXPECT_EQ(answer, "E");
  EXPECT_EQ(bound, kPortalParameterBytesMax / value.size());
}

TEST_F(ExtendedTest, ThousandsMayBeSentAhead) {
  std::string many;
  for (int i = 0; i < 1000; ++i) {
    many += parse_message("", "SELECT count(*) FROM events WHERE turnaround_time > $1") +
            bind_message("", "", {std::to_string(i)}) + execute_message("");
  }
  const std::string answers = types(many + sync_message());
  std::string expected;
  for (int i = 0; i < 1000; ++i) expected += "12DC";
  EXPECT_EQ(answers, expected + "Z");
}

TEST_F(ExtendedTest, NumbersThatAreNoneAreRefusedOrCompared) {
  for (const char* value : {"Infinity", "-Infinity", "NaN", "1e308", "-0"}) {
    const auto messages =
        send(parse_message("",
                           "SELECT count(*) FROM events WHERE "
                           "turnaround_time > $1",
                           {oid::kFloat8}) +
             bind_message("", "", {value}) + execute_message("") + sync_message());
    EXPECT_EQ(messages.back().type, 'Z') << value;
    EXPECT_EQ(messages.back().body, "I") << value;
  }
}

class ExtendedNoise : public ExtendedTest, public testing::WithParamInterface<std::uint32_t> {};

// Any order of well-formed messages: one ReadyForQuery for each Sync, and for each Query that was
// not skipped; and a session that goes on.
TEST_P(ExtendedNoise, MessagesInAnyOrderKeepTheSessionInStep) {
  const std::vector<std::string> names = {"", "a", "b"};
  const std::vector<std::string> texts = {"SELECT 1",
                                          kByRp,
                                          "SELECT count(*) FROM events WHERE client = $1",
                                          "BEGIN",
                                          "COMMIT",
                                          "ROLLBACK",
                                          "SAVEPOINT x",
                                          "ROLLBACK TO x",
                                          "nonsense",
                                          "",
                                          "DISCARD ALL",
                                          "SHOW RPS",
                                          "DEALLOCATE ALL",
                                          "CLOSE ALL",
                                          "COPY (SELECT 1) TO STDOUT",
                                          "SET statement_timeout = 9",
                                          "SELECT 1; SELECT 2",
                                          "DECLARE a CURSOR FOR SHOW RPS",
                                          "DECLARE b CURSOR WITH HOLD FOR SHOW RPS",
                                          "FETCH 1 FROM a",
                                          "FETCH ALL FROM b",
                                          "FETCH ABSOLUTE 2 FROM b",
                                          "MOVE 1 IN b"};
  std::mt19937 random(GetParam());
  const auto any = [&](const auto& list) { return list[random() % list.size()]; };
  for (int round = 0; round < 3000; ++round) {
    std::string message;
    switch (random() % 8) {
      case 0:
      case 1:
        message = parse_message(any(names), any(texts));
        break;
      case 2:
        message = random() % 3 == 0 ? bind_message(any(names), any(names), {"client1"})
                                    : bind_message(any(names), any(names), {}, {}, {1});
        break;
      case 3:
        message = execute_message(any(names), static_cast<std::uint32_t>(random() % 3));
        break;
      case 4:
        message = describe_message(random() % 2 == 0 ? 'S' : 'P', any(names));
        break;
      case 5:
        message = close_message(random() % 2 == 0 ? 'S' : 'P', any(names));
        break;
      case 6:
        message = query_message(any(texts));
        break;
      default:
        message = sync_message();
    }
    const char type = message[0];
    const std::string answer = types(message);
    const auto ready = std::count(answer.begin(), answer.end(), 'Z');
    EXPECT_EQ(ready, type == 'S' || (type == 'Q' && !answer.empty()) ? 1 : 0) << answer;
    EXPECT_LE(std::count(answer.begin(), answer.end(), 'E'), 1) << answer;
  }
  send(sync_message() + query_message("ROLLBACK") + query_message("CLOSE ALL"));
  EXPECT_EQ(types(query_message("SELECT 1")), "TDCZ");
  EXPECT_EQ(environment_.suspended_bytes->load(), 0U);
}
INSTANTIATE_TEST_SUITE_P(Seeds, ExtendedNoise, testing::Range(0U, 5U));

}  // namespace
}  // namespace kpi::server::pgwire
