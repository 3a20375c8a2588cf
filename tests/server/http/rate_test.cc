// Threat "floods" and "header spoofing": who is limited, by what address, with what answer.
#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

class Rates : public HttpTest {
 protected:
  int answer_to(const std::string& headers, const std::string& body = kSuccess) {
    TestClient client(name());
    last_ = client.exchange(
        post("/metrics", body, "Content-Type: application/x-www-form-urlencoded\r\n" + headers));
    return status_of(last_);
  }
  std::string last_;
};

std::string from(const std::string& address) { return "X-Forwarded-For: " + address + "\r\n"; }

TEST_F(Rates, ASenderIsAsked429) {
  options_.rates = {1, 0, 0, 3'000};
  start();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answer_to(from(std::to_string(i) + ".1.1.1")), 204);
  EXPECT_EQ(answer_to(from("9.9.9.9")), 429);  // Spoofing helps nobody: no proxy is trusted.
  EXPECT_EQ(header_of(last_, "Retry-After"), "1");
  EXPECT_NE(last_.find("too-many-requests"), std::string::npos);
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"rate_sender\"}"), 1);
  EXPECT_EQ(metric("kpi_events_received_total"), 4);
  expect_identity(page());
}

TEST_F(Rates, TrustedProxiesTellSendersApart) {
  options_.rates = {1, 0, 0, 1'000};
  options_.trusted_proxies = TrustedPeers::parse({"127.0.0.0/8"}).value();
  start();
  EXPECT_EQ(answer_to(from("1.1.1.1")), 204);
  EXPECT_EQ(answer_to(from("1.1.1.200")), 429);  // The same network.
  EXPECT_EQ(answer_to(from("2.2.2.2")), 204);
  EXPECT_EQ(answer_to(from("3.3.3.3") + from("2.2.2.3")), 429);  // What is right is true.
  EXPECT_EQ(answer_to(from("3.3.3.3, 2.2.2.3")), 429);
}

TEST_F(Rates, OriginsAreLimitedAndFailuresWithoutOneAreNot) {
  options_.rates = {0, 1, 0, 1'000};
  start();
  EXPECT_EQ(answer_to("Origin: https://a.example\r\n"), 204);
  EXPECT_EQ(answer_to("Origin: https://a.example\r\n"), 429);
  EXPECT_EQ(answer_to("Origin: https://b.example\r\n"), 204);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answer_to("Origin: null\r\n", "outcome=failure&error_code=200"), 204);
  }
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"rate_rp\"}"), 1);
  for (const char* spelling :
       {"https://b.example/1", "https://b.example:443", "https://B.example"}) {
    EXPECT_EQ(answer_to(std::string("Origin: ") + spelling + "\r\n"), 429) << spelling;
  }
}

TEST_F(Rates, AllTogetherAreAnswered503AndLiveOn) {
  options_.rates = {0, 0, 1, 1'000};
  start();
  TestClient client(name());
  EXPECT_EQ(status_of(client.exchange(post("/metrics", kSuccess))), 204);
  EXPECT_EQ(status_of(client.exchange(post("/metrics", kSuccess))), 503);
  EXPECT_EQ(status_of(client.exchange(get("/healthz"))), 200);  // Only reports are limited.
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"rate_total\"}"), 1);
  expect_identity(page());
}

class Proxied : public HttpTest {
 protected:
  void start_proxied() {
    start();
    second_ = std::make_unique<HttpServer>(options_, *labels_, health_);
    ASSERT_TRUE(second_->listen({false, {}, "127.0.0.1", 0}, true).ok());
    second_->start([this] {
      MetricsInput input;
      second_->describe(input);
      return metrics_page(input);
    });
    second_->set_store(port_, runner_, records_.store());
  }
  void TearDown() override {
    second_->drain(std::chrono::seconds(20));
    second_->stop();
    HttpTest::TearDown();
  }
  static std::string header(const std::string& source) {
    return std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c", 16) + source +
           std::string("\x7f\x00\x00\x01\x10\x20\x00\x50", 8);
  }
  std::unique_ptr<HttpServer> second_;
};

TEST_F(Proxied, TheHeaderSaysWhoSends) {
  options_.rates = {1, 0, 0, 1'000};
  start_proxied();
  const auto answer_to = [&](const std::string& source, int requests) {
    TestClient client(second_->names().front());
    client.send(header(source));
    int status = 0;
    for (int i = 0; i < requests; ++i) {
      status = status_of(client.exchange(post("/metrics", kSuccess)));
    }
    return status;
  };
  EXPECT_EQ(answer_to("\x01\x01\x01\x01", 1), 204);
  EXPECT_EQ(answer_to("\x01\x01\x01\x02", 1), 429);
  EXPECT_EQ(answer_to("\x02\x01\x01\x02", 2), 429);
}

TEST_F(Proxied, WithoutAHeaderThereIsNoAnswer) {
  start_proxied();
  for (const std::string& text : {post("/metrics", kSuccess), std::string("PROXY TCP4 1.1.1.1\r\n"),
                                  header("\x01\x01\x01\x01").substr(0, 20)}) {
    TestClient client(second_->names().front());
    client.send(text);
    client.finish_sending();
    EXPECT_EQ(client.rest(), "");
  }
  TestClient client(second_->names().front());
  client.send(header("\x01\x01\x01\x01"));
  const std::string page = body_of(client.exchange(get("/metrics")));
  EXPECT_NE(page.find("\nkpi_http_proxy_headers_refused_total 3\n"), std::string::npos) << page;
  // A strange proxy speaks for strangers.
  EXPECT_EQ(status_of(client.exchange(post("/v1/query", "SHOW RPS"))), 403);
}

TEST_F(Proxied, OnlyTrustedProxiesMaySendOne) {
  options_.trusted_proxies = TrustedPeers::parse({"10.0.0.0/8"}).value();
  start_proxied();
  TestClient client(second_->names().front());
  client.send(header("\x01\x01\x01\x01") + get("/healthz"));
  EXPECT_EQ(client.rest(), "");
}

}  // namespace
}  // namespace kpi::server
