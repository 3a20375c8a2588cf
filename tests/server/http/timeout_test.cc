// Promise P12: slow clients, with small limits.
#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

class Timeouts : public HttpTest {
 protected:
  void SetUp() override {
    options_.idle_timeout_ms = 60'000;
    options_.header_timeout_ms = 60'000;
    options_.body_timeout_ms = 60'000;
  }
};

TEST_F(Timeouts, SlowHeadersGet408) {
  options_.header_timeout_ms = 200;
  start();
  TestClient client(name());
  EXPECT_EQ(status_of(client.exchange(get("/wsapi/ping"))), 200);
  client.send("GET /wsapi/ping HTTP/1.1\r\nHo");
  const std::string answer = client.receive();
  EXPECT_EQ(status_of(answer), 408);
  EXPECT_EQ(header_of(answer, "Connection"), "close");
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(metric("kpi_http_timeouts_total"), 1);
}

TEST_F(Timeouts, SlowBodiesGet408HoweverTheyTrickle) {
  options_.body_timeout_ms = 200;
  for (RouteRule& rule : options_.dialect.routes) rule.body_bytes_max = 10'000'000;
  start();
  TestClient client(name());
  client.send("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n");
  // The limit is absolute: bytes that come do not extend it, so this ends.
  while (client.send("a")) {
  }
  EXPECT_EQ(metric("kpi_http_timeouts_total"), 1);
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"incomplete\"}"), 1);
}

TEST_F(Timeouts, BulkBodiesHaveTheirOwnLimit) {
  options_.body_timeout_ms = 100;
  options_.bulk_timeout_ms = 500;
  start();
  TestClient bulk(name()), plain(name());
  bulk.send("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
  plain.send("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
  EXPECT_EQ(status_of(plain.receive()), 408);
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"incomplete\"}"), 1);
  EXPECT_EQ(status_of(bulk.receive()), 408);
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"incomplete\"}"), 2);
}

TEST_F(Timeouts, IdleConnectionsAreClosedWithoutAWord) {
  options_.idle_timeout_ms = 200;
  start();
  TestClient fresh(name()), used(name());
  EXPECT_EQ(status_of(used.exchange(get("/wsapi/ping"))), 200);
  EXPECT_TRUE(fresh.closed());
  EXPECT_TRUE(used.closed());
  EXPECT_EQ(metric("kpi_http_timeouts_total"), 0);
}

TEST_F(Timeouts, ProxiesThatSendNoHeaderAreDropped) {
  options_.header_timeout_ms = 200;
  start();
  HttpServer proxied(options_, *labels_, health_);
  ASSERT_TRUE(proxied.listen({false, {}, "127.0.0.1", 0}, true).ok());
  proxied.start([] { return std::string(); });
  TestClient silent(proxied.names().front()), trickling(proxied.names().front());
  // The limit is absolute: the signature, byte by byte, does not extend it.
  for (const char byte : {'\r', '\n', '\r', '\n'}) trickling.send(std::string(1, byte));
  EXPECT_TRUE(silent.closed());
  EXPECT_TRUE(trickling.closed());
  MetricsInput input;
  proxied.describe(input);
  EXPECT_EQ(input.threads[0]->proxy_headers_refused.value(), 2U);
  proxied.stop();
}

// Whoever connects and says nothing holds one of few connections no longer than a slow head.
TEST_F(Timeouts, WhereConnectionsAreScarceIdleOnesGoEarly) {
  options_.connections_max = 8;
  options_.header_timeout_ms = 200;
  options_.idle_timeout_ms = 3'600'000;
  start();
  std::vector<std::unique_ptr<TestClient>> idle;
  for (int i = 0; i < 8; ++i) idle.push_back(std::make_unique<TestClient>(name()));
  // Which ones go depends on when each was accepted; that there is room again does not.
  int status = 503;
  while (status == 503) status = status_of(TestClient(name()).exchange(get("/wsapi/ping")));
  EXPECT_EQ(status, 200);
}

TEST_F(Timeouts, ClientsThatTakeNothingAreDropped) {
  options_.write_timeout_ms = 200;
  runner_ = [](const std::string&, QueryFormat, bool, std::stop_token) {
    return QueryAnswer{200, "text/plain", std::string(64U << 20, 'x'), {}};
  };
  start();
  TestClient client(name());
  client.send(post("/v1/query", "SHOW RPS"));
  while (metric("kpi_http_timeouts_total") < 1) {
  }
  EXPECT_EQ(client.receive(), "");  // Cut short.
}

TEST_F(Timeouts, ACommitMayTakeLonger) {
  options_.header_timeout_ms = options_.body_timeout_ms = options_.idle_timeout_ms = 100;
  start();
  port_.hold(true);
  TestClient client(name());
  client.send(post("/metrics", kSuccess));
  port_.wait_for_events(1);
  TestClient idle(name());
  EXPECT_TRUE(idle.closed());  // So the limits have passed.
  port_.hold(false);
  EXPECT_EQ(status_of(client.receive()), 204);
}

}  // namespace
}  // namespace kpi::server
