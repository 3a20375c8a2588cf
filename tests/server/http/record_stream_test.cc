// Live streams of records: what comes, who is cut off, how they end.
#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

class RecordStreams : public HttpTest {
 protected:
  static constexpr const char* kRequest =
      "GET /wsapi/interaction_data/stream HTTP/1.1\r\n"
      "Host: x\r\n\r\n";
  static std::string change(int seq, std::size_t id, const std::string& text) {
    return "{\"seq\":" + std::to_string(seq) + ",\"id\":\"" + FakeRecords::id_of(id) +
           "\",\"doc\":" + text + "}\r\n";
  }
  static std::string chunk(const std::string& text) {
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", text.size());
    return size + text + "\r\n";
  }
};

TEST_F(RecordStreams, GiveEveryRecordFromNowOnAndNothingOfBefore) {
  records_.add(1, "1");
  start();
  TestClient client(name());
  client.send(kRequest);
  const std::string head = client.receive(true);
  EXPECT_EQ(status_of(head), 200);
  EXPECT_EQ(header_of(head, "Transfer-Encoding"), "chunked");
  records_.wait_for_watches(1);
  records_.add(9, R"({"timestamp":9})");
  const std::string first = chunk(change(1, 2, R"({"timestamp":9})"));
  EXPECT_EQ(client.take(first.size()), first);
  records_.add(0, "{}", false);  // Another dialect's event.
  records_.add(3, R"({"timestamp":3})");
  const std::string second = chunk(change(2, 3, R"({"timestamp":3})"));
  EXPECT_EQ(client.take(second.size()), second);
  EXPECT_EQ(metric("kpi_streams"), 1);
}

TEST_F(RecordStreams, OldClientsGetPlainLines) {
  start();
  TestClient client(name());
  client.send("GET /wsapi/interaction_data/stream HTTP/1.0\r\n\r\n");
  const std::string head = client.receive(true);
  EXPECT_EQ(header_of(head, "Transfer-Encoding"), "");
  records_.wait_for_watches(1);
  records_.add(9, "{}");
  const std::string line = change(1, 1, "{}");
  EXPECT_EQ(client.take(line.size()), line);
}

TEST_F(RecordStreams, OutliveTheIdleTimeout) {
  options_.idle_timeout_ms = 100;
  options_.header_timeout_ms = 100;
  options_.write_timeout_ms = 100;
  start();
  TestClient client(name());
  client.send(kRequest);
  client.receive(true);
  // Another connection falls to the same timeout meanwhile, and a third one after it.
  for (int i = 0; i < 2; ++i) {
    TestClient idle(name());
    EXPECT_TRUE(idle.closed());
  }
  records_.add(9, "{}");
  const std::string line = chunk(change(1, 1, "{}"));
  EXPECT_EQ(client.take(line.size()), line);
}

TEST_F(RecordStreams, EndAtOnceWhenTheServerDoes) {
  start();
  TestClient client(name()), silent(name());
  client.send(kRequest);
  silent.send(kRequest);
  client.receive(true);
  silent.receive(true);
  EXPECT_TRUE(server_->drain(std::chrono::seconds(20)));
  EXPECT_EQ(client.rest(), "0\r\n\r\n");
  EXPECT_EQ(silent.rest(), "0\r\n\r\n");
  records_.wait_for_watches(0);
}

TEST_F(RecordStreams, OneTooManyIs503AndAPlaceComesFreeAgain) {
  options_.streams_max = 2;
  start();
  TestClient one(name()), refused(name());
  one.send(kRequest);
  one.receive(true);
  {
    TestClient two(name());
    two.send(kRequest);
    two.receive(true);
    EXPECT_EQ(status_of(refused.exchange(kRequest)), 503);
    EXPECT_EQ(metric("kpi_streams"), 2);
    EXPECT_EQ(metric("kpi_streams_max"), 2);
  }
  records_.wait_for_watches(1);  // The client that went has been seen to go.
  EXPECT_EQ(status_of([&] {
              refused.send(kRequest);
              return refused.receive(true);
            }()),
            200);
}

TEST_F(RecordStreams, WhatTheStoreRefusesIs503) {
  records_.fail_follows({ErrorCode::kLimitExceeded, "too many followers"});
  start();
  TestClient client(name());
  EXPECT_EQ(status_of(client.exchange(kRequest)), 503);
  EXPECT_EQ(status_of(client.exchange(get("/wsapi/ping"))), 200);
  EXPECT_EQ(metric("kpi_streams"), 0);
}

TEST_F(RecordStreams, AClientThatSendsMoreIsStillSeenToGo) {
  start();
  {
    TestClient client(name());
    client.send(kRequest + get("/wsapi/ping"));
    client.receive(true);
    records_.wait_for_watches(1);
    client.send(std::string(5000, 'x'));
    records_.add(9, "{}");
    const std::string line = chunk(change(1, 1, "{}"));
    EXPECT_EQ(client.take(line.size()), line);
  }
  records_.wait_for_watches(0);
}

TEST_F(RecordStreams, ASlowReaderIsCutOffAndCounted) {
  options_.stream_bytes_max = 1U << 20;
  options_.write_timeout_ms = 60'000;
  start();
  TestClient slow(name());
  slow.send(kRequest);
  slow.receive(true);
  const std::string text = "\"" + std::string(60'000, 'x') + "\"";
  // It reads nothing: first its socket is full, then its share of memory. The write in flight ends
  // by the client's reading.
  for (int i = 0; i < 200; ++i) records_.add(9, text);
  slow.rest();  // Once it reads on, it finds the end.
  EXPECT_EQ(metric("kpi_stream_cut_total"), 1);
  records_.wait_for_watches(0);
}

TEST_F(RecordStreams, AReaderThatTakesNothingIsCutOffAtTheWriteTimeout) {
  options_.write_timeout_ms = 100;
  start();
  TestClient stuck(name());
  stuck.send(kRequest);
  stuck.receive(true);
  const std::string text = "\"" + std::string(60'000, 'x') + "\"";
  for (int i = 0; i < 200; ++i) records_.add(9, text);
  records_.wait_for_watches(0);
  EXPECT_EQ(metric("kpi_stream_cut_total"), 1);
}

TEST_F(RecordStreams, HeadOpensNone) {
  start();
  TestClient client(name());
  client.send("HEAD /wsapi/interaction_data/stream HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(client.receive(true)), 200);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(metric("kpi_streams"), 0);
}

}  // namespace
}  // namespace kpi::server
