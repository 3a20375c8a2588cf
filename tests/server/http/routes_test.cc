// What each path and method answers.
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

class Routes : public HttpTest {};

std::string line(std::int64_t time_ms) {
  return "{\"time\":" + std::to_string(time_ms) +
         ",\"rp\":\"https://rp.example\",\"client\":\"c\",\"outcome\":\"success\","
         "\"measures\":{\"turnaround_time\":5}}\n";
}

TEST_F(Routes, EveryPathAnswersItsMethods) {
  start();
  TestClient client(name());
  const std::string json = "Content-Type: application/json\r\n";
  const std::string foreign =
      R"([{"age":1,"type":"csp-violation","url":"https://a.example/","user_agent":"x","body":{}}])";
  const struct {
    std::string request;
    int status;
  } kCases[] = {
      {get("/healthz"), 200},
      {get("/readyz"), 200},
      {get("/wsapi/ping"), 200},
      {get("/metrics"), 200},
      {post("/metrics", kSuccess), 204},
      {post("/metrics_endpoint?n=TOKEN", kSuccess), 204},
      {post("/reports", foreign, "Content-Type: application/reports+json\r\n"), 204},
      {post("/v1/events", line(1'700'000'000'000), "Content-Type: application/x-ndjson\r\n"), 200},
      {post("/v1/query", "SHOW RPS"), 200},
      {get("/"), 404},
      {get("/metrics/"), 404},
      {get("/v1/query"), 405},
      {post("/healthz", ""), 405},
      {"PUT /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 405},
      {"BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405},
      {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 204},
      {"OPTIONS /v1/query HTTP/1.1\r\nHost: x\r\n\r\n", 204},
      {post("/metrics", "{}", json), 422},
      {post("/metrics", "{", json), 400},
      {post("/metrics", "x", "Content-Type: image/png\r\n"), 415},
      {get("/wsapi/ping", "Content-Length: 3\r\n") + "abc", 200},
  };
  for (const auto& each : kCases) {
    const std::string answer = client.exchange(each.request);
    EXPECT_EQ(status_of(answer), each.status) << each.request << answer;
    EXPECT_FALSE(header_of(answer, "Date").empty());
  }
  expect_identity(page());
  EXPECT_EQ(metric("kpi_reports_foreign_total"), 1);
  EXPECT_EQ(metric("kpi_events_accepted_total{dialect=\"chrome\"}"), 2);
  EXPECT_EQ(metric("kpi_events_accepted_total{dialect=\"ndjson\"}"), 1);
}

TEST_F(Routes, BodiesAreWhatTheyWere) {
  start();
  TestClient client(name());
  EXPECT_EQ(body_of(client.exchange(get("/wsapi/ping"))), "pong");
  EXPECT_EQ(body_of(client.exchange(get("/readyz"))), "ready\n");
  const std::string no_content = client.exchange(post("/metrics", kSuccess));
  EXPECT_EQ(header_of(no_content, "Content-Length"), "");
  EXPECT_EQ(header_of(client.exchange("PUT /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), "Allow"),
            "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(body_of(client.exchange(get("/nowhere"))),
            R"({"type":"urn:kpistore:problem:not-found","title":"Not Found","status":404,)"
            R"("detail":"nothing is served at this path"})"
            "\n");
}

TEST_F(Routes, HeadIsGetWithoutTheBody) {
  start();
  TestClient client(name());
  for (const char* path : {"/healthz", "/wsapi/ping", "/metrics", "/nowhere"}) {
    client.send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string answer = client.receive(true);
    EXPECT_NE(header_of(answer, "Content-Length"), "") << path;
    EXPECT_EQ(body_of(answer), "") << path;
  }
  EXPECT_EQ(status_of(client.exchange(get("/healthz"))), 200);
}

TEST_F(Routes, PostsNeedALength) {
  start();
  TestClient client(name());
  const std::string answer = client.exchange("POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(answer), 411);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"length_required\"}"), 1);
}

TEST_F(Routes, CompressedBodiesAreRefusedAsSuch) {
  start();
  TestClient client(name());
  const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  const auto coded = [&](const std::string& path, const std::string& coding) {
    return client.exchange(post(path, kSuccess, form + "content-encoding: " + coding + "\r\n"));
  };
  for (const char* path : {"/metrics", "/reports", "/wsapi/interaction_data", "/v1/events"}) {
    const std::string answer = coded(path, "gzip");
    EXPECT_EQ(status_of(answer), 415) << path;
    EXPECT_NE(body_of(answer).find("Content-Encoding"), std::string::npos) << path;
  }
  EXPECT_EQ(status_of(coded("/metrics", "Identity")), 204);
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"unsupported_media_type\"}"), 4);
  expect_identity(page());
}

TEST_F(Routes, PreflightsAndOrigins) {
  start();
  TestClient client(name());
  const std::string origin = "Origin: https://rp.example\r\n";
  const std::string preflight =
      client.exchange("OPTIONS /reports HTTP/1.1\r\nHost: x\r\n" + origin +
                      "Access-Control-Request-Method: POST\r\n"
                      "Access-Control-Request-Headers: content-type\r\n\r\n");
  EXPECT_EQ(status_of(preflight), 204);
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Origin"), "https://rp.example");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Methods"), "POST");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Headers"), "content-type");
  EXPECT_NE(header_of(preflight, "Access-Control-Max-Age"), "");
  const std::string answer = client.exchange(
      post("/metrics", kSuccess, "Content-Type: application/x-www-form-urlencoded\r\n" + origin));
  EXPECT_EQ(status_of(answer), 204);
  EXPECT_EQ(header_of(answer, "Access-Control-Allow-Origin"), "https://rp.example");
  EXPECT_EQ(header_of(client.exchange(get("/wsapi/ping", origin)), "Access-Control-Allow-Origin"),
            "");
}

TEST_F(Routes, QueriesAnswerInTheFormatAskedFor) {
  start();
  TestClient client(name());
  const auto ask = [&](const std::string& headers, const std::string& body = "SHOW RPS") {
    return client.exchange(post("/v1/query", body, headers));
  };
  EXPECT_EQ(body_of(ask("")), "json: SHOW RPS");
  EXPECT_EQ(body_of(ask("Accept: */*\r\n")), "json: SHOW RPS");
  EXPECT_EQ(body_of(ask("Accept: text/csv\r\n")), "csv: SHOW RPS");
  EXPECT_EQ(body_of(ask("Accept: application/x-ndjson\r\n")), "ndjson: SHOW RPS");
  EXPECT_EQ(status_of(ask("Accept: image/png\r\n")), 406);
  const std::string json = "Content-Type: application/json\r\n";
  EXPECT_EQ(body_of(ask(json, R"({"query":"SHOW \u0041"})")), "json: SHOW A");
  EXPECT_EQ(status_of(ask(json, R"({"statement":"SHOW"})")), 400);
  EXPECT_EQ(status_of(ask(json, "[")), 400);
  EXPECT_EQ(status_of(ask("", std::string(kStatementBytesMax, ' '))), 200);
  EXPECT_EQ(status_of(ask("", std::string(kStatementBytesMax + 1, ' '))), 413);
}

TEST_F(Routes, PromtoolAcceptsTheServedPage) {
  ASSERT_EQ(std::system("command -v promtool >/dev/null"), 0) << "promtool is missing";
  start();
  TestClient client(name());
  client.exchange(post("/metrics", kSuccess));
  const std::string path = testing::TempDir() + "kpi_page_" + std::to_string(::getpid());
  std::ofstream(path) << page();
  EXPECT_EQ(std::system(("promtool check metrics < " + path).c_str()), 0);
  std::remove(path.c_str());
}

TEST_F(Routes, UnixSocketsServeAndLeaveNothingBehind) {
  labels_ = std::make_unique<LabelGate>(default_label_rules());
  const std::string path = testing::TempDir() + "kpi_http_" + std::to_string(::getpid());
  const Endpoint endpoint{true, path, {}, 0};
  server_ = std::make_unique<HttpServer>(options_, *labels_, health_);
  ASSERT_TRUE(server_->listen(endpoint).ok());
  server_->start([] { return std::string(); });
  server_->set_store(port_, runner_, records_.store());
  health_.advance(Phase::kReady);
  {
    TestClient client("unix:" + path);
    EXPECT_EQ(status_of(client.exchange(post("/metrics", kSuccess))), 204);
    HttpServer second(options_, *labels_, health_);
    EXPECT_FALSE(second.listen(endpoint).ok());  // Somebody answers there.
  }
  EXPECT_TRUE(server_->drain(std::chrono::seconds(20)));
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace kpi::server
