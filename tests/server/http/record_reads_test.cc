// Reading BrowserID records back: ranges, one by its id, count, last.
#include <nlohmann/json.hpp>

#include "server/http/record_reads.h"
#include "server/http/record_text.h"
#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

constexpr const char* kPath = "/wsapi/interaction_data";

class RecordReads : public HttpTest {
 protected:
  void add(std::int64_t time_ms) {
    records_.add(time_ms, R"({"timestamp":)" + std::to_string(time_ms) + "}");
  }
  std::string ask(const std::string& query) {
    TestClient client(name());
    return client.exchange(get(kPath + query));
  }
  std::vector<std::int64_t> keys(const std::string& query) {
    const auto list = nlohmann::json::parse(body_of(ask(query)), nullptr, false);
    EXPECT_TRUE(list.is_array()) << query;
    std::vector<std::int64_t> found;
    for (const auto& row : list) found.push_back(row["key"].get<std::int64_t>());
    return found;
  }
  using Keys = std::vector<std::int64_t>;
};

TEST_F(RecordReads, RowsAreThoseOfTheOriginal) {
  add(1365000000000);
  start();
  const std::string answer = ask("");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(header_of(answer, "Content-Type"), "application/json");
  EXPECT_EQ(body_of(answer), R"([{"id":"00000000000000000000000000000001","key":1365000000000,)"
                             R"("value":{"timestamp":1365000000000}}])");
}

TEST_F(RecordReads, BothEndsAreInclusiveAndEachIsOptional) {
  for (std::int64_t ms = 0; ms <= 100; ++ms) add(1333046104322 + ms);
  start();
  EXPECT_EQ(keys("?start=1333046104322&end=1333046104331").size(), 10U);
  EXPECT_EQ(keys("?start=1333046104413").size(), 10U);
  EXPECT_EQ(keys("?end=1333046104323"), (Keys{1333046104322, 1333046104323}));
  EXPECT_EQ(keys("?start=&end=").size(), 101U);
  EXPECT_EQ(keys("?start=-1&limit=3&end=99999999999999999999").size(), 101U);
  EXPECT_EQ(keys("?start=1333046104421.9").size(), 2U);  // A fraction is cut off.
  EXPECT_EQ(keys("?start=1333046104323&end=1333046104322"), Keys{});
  EXPECT_EQ(keys("?end=-1"), Keys{});
  EXPECT_EQ(keys("?start=%31333046104422"), Keys{1333046104422});
}

TEST_F(RecordReads, WhatIsNoNumberIs400) {
  start();
  for (const char* query : {"?start=x", "?end=1x", "?start=1e3", "?start=.5", "?end=1.2.3",
                            "?start=%zz", "?start=--1", "?start=1&end=-"}) {
    const std::string answer = ask(query);
    EXPECT_EQ(status_of(answer), 400) << query;
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/problem+json") << query;
  }
}

TEST_F(RecordReads, AnIdWinsOverTheRange) {
  add(5);
  add(7);
  start();
  const std::string id = FakeRecords::id_of(1);
  EXPECT_EQ(body_of(ask("?id=" + id)), R"({"results":{"timestamp":5}})");
  EXPECT_EQ(body_of(ask("?start=x&id=" + id + "&end=0")), R"({"results":{"timestamp":5}})");
  EXPECT_EQ(status_of(ask("?id=" + FakeRecords::id_of(9))), 404);
  EXPECT_EQ(status_of(ask("?id=")), 404);
  EXPECT_EQ(status_of(ask("?id=%00")), 404);
}

TEST_F(RecordReads, CountAndLast) {
  start();
  EXPECT_EQ(body_of(ask("/count")), "0");
  EXPECT_EQ(body_of(ask("/last")), "null");
  EXPECT_EQ(body_of(ask("")), "[]");
  add(7);
  add(5);
  EXPECT_EQ(body_of(ask("/count")), "2");
  EXPECT_EQ(body_of(ask("/last")),
            R"({"id":"00000000000000000000000000000001","key":7,"value":{"timestamp":7}})");
  EXPECT_EQ(header_of(ask("/last"), "Content-Type"), "application/json");
  EXPECT_EQ(metric("kpi_record_reads_total"), 6);
}

TEST_F(RecordReads, HeadSaysTheSameWithoutTheBody) {
  for (int i = 0; i < 2000; ++i) records_.add(i, "\"" + std::string(300, 'x') + "\"");
  start();
  TestClient client(name());
  for (const char* path : {"", "/count", "/last", "?id=0"}) {
    client.send("HEAD " + std::string(kPath) + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string answer = client.receive(true);
    EXPECT_EQ(status_of(answer), std::string(path) == "?id=0" ? 404 : 200) << path;
    EXPECT_EQ(body_of(answer), "") << path;
  }
  EXPECT_EQ(status_of(client.exchange(get("/wsapi/ping"))), 200);
}

TEST_F(RecordReads, MethodsArePartOfThePath) {
  start();
  TestClient client(name());
  EXPECT_EQ(header_of(client.exchange("PUT /wsapi/interaction_data HTTP/1.1\r\nHost: x\r\n\r\n"),
                      "Allow"),
            "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(status_of(client.exchange(post(kPath + std::string("/count"), ""))), 405);
  EXPECT_EQ(status_of(client.exchange(get(kPath + std::string("/counts")))), 404);
}

TEST_F(RecordReads, ALargeRangeComesInPiecesOfBoundedSize) {
  constexpr int kRecords = 5000;
  const std::string text = "\"" + std::string(998, 'x') + "\"";
  // Many in one moment, as senders floor their times.
  for (int i = 0; i < kRecords; ++i) records_.add(i / 700, text);
  start();
  TestClient client(name());
  const std::string answer = client.exchange(get(kPath));
  EXPECT_EQ(header_of(answer, "Transfer-Encoding"), "chunked");
  const auto list = nlohmann::json::parse(body_of(answer), nullptr, false);
  ASSERT_EQ(list.size(), static_cast<std::size_t>(kRecords));
  for (int i = 0; i < kRecords; ++i) {
    ASSERT_EQ(list[static_cast<std::size_t>(i)]["id"],
              FakeRecords::id_of(static_cast<std::size_t>(i) + 1));
  }
  EXPECT_GE(records_.reads(), 5'000'000 / kRecordReadBytes);
  EXPECT_EQ(records_.documents_read(), static_cast<std::size_t>(kRecords)) << "each read once";
  EXPECT_EQ(status_of(client.exchange(get("/wsapi/ping"))), 200);
  TestClient old(name());
  old.send("GET /wsapi/interaction_data HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(old.rest()), body_of(answer));
}

TEST_F(RecordReads, AReadThatFailsOnTheWayEndsTheConnectionWithoutAnEnd) {
  for (int i = 0; i < 2000; ++i) records_.add(i, "\"" + std::string(998, 'x') + "\"");
  records_.fail_reads_from(3);
  start();
  TestClient client(name());
  client.send(get(kPath));
  const std::string text = client.rest();
  EXPECT_EQ(status_of(text), 200);
  EXPECT_EQ(text.find("\r\n0\r\n\r\n"), std::string::npos);
}

TEST_F(RecordReads, AReadThatFailsAtOnceIsAProblem) {
  records_.fail_reads_from(1);
  start();
  EXPECT_EQ(status_of(ask("")), 500);
  EXPECT_EQ(status_of(ask("/count")), 500);
}

TEST_F(RecordReads, TheIoThreadNeverWaitsForOneAndAClientThatGoesStopsIt) {
  add(1);
  records_.hold_reads(true);
  start();
  {
    TestClient reader(name());
    reader.send(get(kPath));
    records_.wait_for_held_read();
    TestClient other(name());
    EXPECT_EQ(status_of(other.exchange(get("/wsapi/ping"))), 200);
    EXPECT_EQ(records_.reads_stopped(), 0U);
  }
  records_.wait_for_no_held_read();
  EXPECT_EQ(records_.reads_stopped(), 1U);
}

TEST_F(RecordReads, TheyWaitTheirTurnAmongTheStatements) {
  options_.query.threads = 1;
  options_.query.queue_max = 1;
  records_.hold_reads(true);
  start();
  TestClient running(name()), waiting(name()), beyond(name());
  running.send(get(kPath + std::string("/count")));
  records_.wait_for_held_read();
  waiting.send(get(kPath) + get("/wsapi/ping"));
  // One io thread: once this is answered, the read above stands in the queue.
  TestClient other(name());
  std::string answer;
  do {
    answer = beyond.exchange(get(kPath));
  } while (status_of(answer) == 200);
  EXPECT_EQ(status_of(answer), 503);
  records_.hold_reads(false);
  EXPECT_EQ(status_of(running.receive()), 200);
  EXPECT_EQ(status_of(waiting.receive()), 200);
}

TEST(RecordQuery, RangesAreHalfOpenWithin) {
  const auto range = [](std::string_view query) {
    return std::get<RecordQuery>(read_record_query(query)).range;
  };
  EXPECT_EQ(range(""), (TimeRange{0, kTimeMsMax + 1}));
  EXPECT_EQ(range("start=5&end=5"), (TimeRange{5, 6}));
  EXPECT_EQ(range("start=9223372036854775808"), (TimeRange{kTimeMsMax, kTimeMsMax + 1}));
  EXPECT_TRUE(range("end=-9223372036854775809").empty());
}

}  // namespace
}  // namespace kpi::server
