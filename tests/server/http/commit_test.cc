// Answers after commits, in order; bounds; the end of the server.
#include <atomic>
#include <thread>

#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

class Commit : public HttpTest {};

TEST_F(Commit, NothingIsAnsweredBeforeItsCommitNorOutOfOrder) {
  start();
  port_.hold(true);
  TestClient client(name());
  client.send(post("/metrics", kSuccess) + get("/wsapi/ping"));
  port_.wait_for_events(1);
  EXPECT_EQ(metric("kpi_events_in_flight"), 1);
  EXPECT_EQ(metric("kpi_events_received_total"), 0);
  EXPECT_EQ(metric("kpi_http_responses_total{code=\"204\"}"), 0);
  port_.hold(false);
  EXPECT_EQ(status_of(client.receive()), 204);
  EXPECT_EQ(body_of(client.receive()), "pong");
  EXPECT_EQ(metric("kpi_events_in_flight"), 0);
  EXPECT_EQ(metric("kpi_events_received_total"), 1);
}

TEST_F(Commit, RequestsOfOneReadAreOneSubmission) {
  start();
  TestClient client(name());
  std::string stream;
  for (int i = 0; i < 16; ++i) stream += post("/metrics", kSuccess);
  client.send(stream);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(status_of(client.receive()), 204);
  EXPECT_EQ(port_.events_submitted(), 16U);
  EXPECT_LE(port_.submissions(), 2U);  // Two if the stream came in two pieces.
}

TEST_F(Commit, MoreRequestsThanAnswersMayWait) {
  start();
  port_.hold(true);
  TestClient client(name());
  constexpr int kRequests = 3 * static_cast<int>(kPipelineDepthMax);
  std::string stream;
  for (int i = 0; i < kRequests; ++i) stream += post("/metrics", kSuccess);
  std::thread sender([&] { client.send(stream); });
  port_.wait_for_events(1);
  port_.hold(false);
  for (int i = 0; i < kRequests; ++i) ASSERT_EQ(status_of(client.receive()), 204) << i;
  sender.join();
  EXPECT_EQ(metric("kpi_events_accepted_total{dialect=\"chrome\"}"), kRequests);
}

TEST_F(Commit, ABulkPostHasABatchToItself) {
  options_.dialect.routes = {{"/v1/events", Route::kBulk, 32U << 20}};
  start();
  TestClient client(name());
  const std::string type = "Content-Type: application/x-ndjson\r\n";
  std::string lines;
  for (std::size_t i = 0; i < kBatchEventsMax; ++i) lines += "{}\n";
  // In one turn of the loop: what came before does not make the large one overflow.
  std::thread sender(
      [&] { client.send(post("/v1/events", "{}\n{}\n", type) + post("/v1/events", lines, type)); });
  for (const char* accepted : {"{\"accepted\":2,", "{\"accepted\":1000000,"}) {
    const std::string answer = body_of(client.receive());
    EXPECT_EQ(answer.substr(0, std::string_view(accepted).size()), accepted)
        << answer.substr(0, 99);
  }
  sender.join();
}

TEST_F(Commit, AFailedCommitIsSaidAndCounted) {
  start();
  port_.fail_from_now_on();
  TestClient client(name());
  const std::string answer = client.exchange(post("/metrics", kSuccess));
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_NE(header_of(answer, "Retry-After"), "");
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"commit_failed\"}"), 1);
  EXPECT_EQ(metric("kpi_events_received_total"), 1);
  EXPECT_EQ(metric("kpi_events_in_flight"), 0);
}

TEST_F(Commit, EventsInFlightAreBounded) {
  options_.events_in_flight_max = 3;
  start();
  port_.hold(true);
  TestClient client(name());
  std::string stream;
  for (int i = 0; i < 5; ++i) stream += post("/metrics", kSuccess);
  client.send(stream);
  port_.wait_for_events(3);
  TestClient other(name());
  const std::string refused = other.exchange(post("/metrics", kSuccess));
  EXPECT_EQ(status_of(refused), 503);
  EXPECT_NE(header_of(refused, "Retry-After"), "");
  EXPECT_EQ(status_of(other.exchange(get("/healthz"))), 200);  // The connection lives on.
  port_.hold(false);
  for (const int status : {204, 204, 204, 503, 503}) EXPECT_EQ(status_of(client.receive()), status);
  EXPECT_EQ(status_of(other.exchange(post("/metrics", kSuccess))), 204);
  expect_identity(page());
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"overload\"}"), 3);
}

TEST_F(Commit, RequestsInFlightAreBounded) {
  options_.requests_in_flight_max = 2;
  start();
  port_.hold(true);
  TestClient client(name());
  client.send(post("/metrics", kSuccess) + post("/metrics", kSuccess) + post("/metrics", kSuccess));
  port_.wait_for_events(2);
  EXPECT_EQ(metric("kpi_requests_in_flight"), 2);
  port_.hold(false);
  for (const int status : {204, 204, 503}) EXPECT_EQ(status_of(client.receive()), status);
  EXPECT_EQ(metric("kpi_requests_in_flight"), 0);
  EXPECT_EQ(metric("kpi_http_refusal_seconds_count"), 1);
}

// Promise P11: who pipelines without end leaves room for who sends one report.
TEST_F(Commit, WhereRoomIsScarceManyOfOneConnectionGiveWay) {
  options_.requests_in_flight_max = 40;
  start();
  port_.hold(true);
  TestClient greedy(name()), modest(name());
  std::string stream;
  for (int i = 0; i < 60; ++i) stream += post("/metrics", kSuccess);
  greedy.send(stream);
  port_.wait_for_events(20);
  modest.send(post("/metrics", kSuccess));
  port_.wait_for_events(21);
  port_.hold(false);
  EXPECT_EQ(status_of(modest.receive()), 204);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(status_of(greedy.receive()), i < 20 ? 204 : 503) << i;
}

// Promise P11: clients that ask and do not read cost no more than the memory set apart for them.
TEST_F(Commit, MemoryOfAnswersIsBounded) {
  options_.answer_memory_bytes_max = 3U << 19;
  runner_ = [](const std::string&, QueryFormat, bool, std::stop_token) {
    return QueryAnswer{200, "text/plain", std::string(5U << 20, 'x'), {}};
  };
  start();
  TestClient first(name()), second(name());
  first.send(post("/v1/query", "SHOW RPS"));
  while (metric("kpi_answer_memory_bytes") <= 0) {
  }
  second.send(post("/v1/query", "SHOW RPS"));
  EXPECT_LT(second.rest().size(), 5U << 20);  // Cut short.
  EXPECT_EQ(metric("kpi_http_answers_dropped_total"), 1);
  EXPECT_EQ(status_of(first.receive()), 200);
  while (metric("kpi_answer_memory_bytes") > 0) {
  }
}

TEST_F(Commit, ConnectionsAreBounded) {
  options_.connections_max = 2;
  start();
  TestClient first(name());
  EXPECT_EQ(status_of(first.exchange(get("/healthz"))), 200);
  {
    TestClient second(name());
    EXPECT_EQ(status_of(second.exchange(get("/healthz"))), 200);
    TestClient third(name());
    // It may send all that it has: a reset would take the answer from it.
    EXPECT_TRUE(third.send(post("/metrics", std::string(8U << 20, 'a'))));
    const std::string refused = third.receive();
    EXPECT_EQ(status_of(refused), 503);
    EXPECT_NE(header_of(refused, "Retry-After"), "");
    EXPECT_TRUE(third.closed());
  }
  EXPECT_NE(
      body_of(first.exchange(get("/metrics"))).find("\nkpi_http_connections_refused_total 1\n"),
      std::string::npos);
}

TEST_F(Commit, BodyMemoryIsBounded) {
  options_.body_memory_bytes_max = 64U << 10;
  for (RouteRule& rule : options_.dialect.routes) rule.body_bytes_max = 1U << 20;
  start();
  TestClient client(name());
  EXPECT_EQ(status_of(client.exchange(post("/metrics", std::string(300'000, 'a')))), 503);
  EXPECT_EQ(metric("kpi_body_memory_bytes"), 0);
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"overload\"}"), 1);
}

TEST_F(Commit, CountersAgreeAtEveryScrape) {
  options_.io_threads = 2;
  start();
  std::atomic<bool> done{false};
  std::thread scraper([&] {
    while (!done) expect_identity(page());
  });
  std::vector<std::thread> senders;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([this] {
      TestClient client(name());
      for (int k = 0; k < 300; ++k) {
        EXPECT_EQ(status_of(client.exchange(post("/metrics", k % 3 == 0 ? "x=1" : kSuccess))),
                  k % 3 == 0 ? 400 : 204);
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  done = true;
  scraper.join();
  EXPECT_EQ(metric("kpi_events_received_total"), 1200);
  EXPECT_EQ(metric("kpi_events_accepted_total{dialect=\"chrome\"}"), 800);
}

TEST_F(Commit, BeforeTheStoreIsOpenOnlyHealthIsServed) {
  labels_ = std::make_unique<LabelGate>(default_label_rules());
  server_ = std::make_unique<HttpServer>(options_, *labels_, health_);
  ASSERT_TRUE(server_->listen({false, {}, "127.0.0.1", 0}).ok());
  server_->start([] { return std::string("# none\n"); });
  TestClient client(name());
  EXPECT_EQ(status_of(client.exchange(get("/healthz"))), 200);
  EXPECT_EQ(status_of(client.exchange(get("/readyz"))), 503);
  EXPECT_EQ(status_of(client.exchange(get("/metrics"))), 200);
  EXPECT_EQ(status_of(client.exchange(post("/metrics", kSuccess))), 503);
  EXPECT_EQ(status_of(client.exchange(post("/v1/query", "SHOW RPS"))), 503);
}

TEST_F(Commit, DrainAnswersWhatIsInFlightAndClosesTheRest) {
  start();
  TestClient idle(name());
  EXPECT_EQ(status_of(idle.exchange(get("/readyz"))), 200);
  port_.hold(true);
  TestClient busy(name());
  busy.send(post("/metrics", kSuccess));
  port_.wait_for_events(1);
  health_.advance(Phase::kClosing);
  EXPECT_EQ(status_of(idle.exchange(get("/readyz"))), 503);
  std::thread drainer([this] { EXPECT_TRUE(server_->drain(std::chrono::seconds(20))); });
  EXPECT_TRUE(idle.closed());
  port_.hold(false);
  EXPECT_EQ(status_of(busy.receive()), 204);
  drainer.join();
  EXPECT_TRUE(busy.closed());
}

TEST_F(Commit, DrainEndsAtItsTimeout) {
  start();
  port_.hold(true);
  TestClient busy(name());
  busy.send(post("/metrics", kSuccess));
  port_.wait_for_events(1);
  EXPECT_FALSE(server_->drain(std::chrono::milliseconds(50)));
  port_.hold(false);
  EXPECT_EQ(status_of(busy.receive()), 204);
}

}  // namespace
}  // namespace kpi::server
