// Promise P3: a retry with its ID is answered as the first was before anything else is judged: its
// token, its sender's rate, the space on disk. Promise P11: IDs that nobody knows buy nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/server/http/http_fixture.h"
#include "tests/support/temp_dir.h"

namespace kpi::server {
namespace {

std::int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class Retries : public HttpTest {
 protected:
  void require_tokens(TokenMode mode = TokenMode::kRequire) {
    const auth::TokenKeys keys = {auth::new_token_key({}, now_s())};
    ASSERT_TRUE(auth::save_token_keys(path_, keys).ok());
    gate_ = TokenGate::open({path_, mode, 600}).value();
    token_ = auth::TokenSigner(keys).mint(now_s() + 60);
    options_.tokens = gate_.get();
    options_.keep_trust = true;
  }
  static std::string request(const std::string& key, const std::string& path = "/metrics",
                             const std::string& body = kSuccess) {
    return post(
        path, body,
        "Content-Type: application/x-www-form-urlencoded\r\nIdempotency-Key: " + key + "\r\n");
  }
  // The status, with a `d` behind it where the answer says that it is a duplicate's.
  static std::string said(const std::string& answer) {
    const bool duplicate = header_of(answer, "Kpi-Duplicate") == "1";
    return std::to_string(status_of(answer)) + (duplicate ? "d" : "");
  }
  std::string send(const std::string& bytes) {
    TestClient client(name());
    return said(client.exchange(bytes));
  }
  double refused(const std::string& reason) {
    return metric("kpi_events_rejected_total{reason=\"" + reason + "\"}");
  }

  TempDir dir_;
  const std::string path_ = std::string(dir_.path()) + "/keys";
  std::unique_ptr<TokenGate> gate_;
  std::string token_;
};

TEST_F(Retries, NeedNoSecondToken) {
  require_tokens();
  start();
  const std::string path = "/metrics?n=" + token_;
  EXPECT_EQ(send(request("a", path)), "204");
  EXPECT_EQ(send(request("a", path)), "204d");
  EXPECT_EQ(send(request("b", path)), "403") << "another request with that token";
  EXPECT_EQ(send(request("a", path, "outcome=success&turnaround_time=1")), "422");
  EXPECT_EQ(send(request("a")), "422") << "another address is another request";
  EXPECT_EQ(refused("duplicate"), 1);
  EXPECT_EQ(refused("key_reused"), 2);
  EXPECT_EQ(refused("token_used"), 1);
  EXPECT_EQ(metric("kpi_tokens_total{result=\"valid\"}"), 1);
  EXPECT_EQ(metric("kpi_tokens_total{result=\"used\"}"), 1);
  expect_identity(page());
}

TEST_F(Retries, CostNoRate) {
  options_.rates = {0, 0, 1, 1'000};
  start();
  EXPECT_EQ(send(request("a")), "204");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(send(request("a")), "204d");
  expect_identity(page());
}

TEST_F(Retries, HaveAnEndAllTheSame) {
  options_.rates = {0, 0, 1, 1'000};
  start();
  EXPECT_EQ(send(request("a")), "204");
  std::string said;
  for (int i = 0; i < 1'000 && said != "503"; ++i) said = send(request("a"));
  EXPECT_EQ(said, "503");
  expect_identity(page());
}

TEST_F(Retries, OfWhatIsForgottenMeanwhileAreJudgedAsTheFirst) {
  start();
  EXPECT_EQ(send(request("a")), "204");
  TestClient client(name());
  client.send(
      "POST /metrics HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a\r\nExpect: 100-continue\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
      std::to_string(std::string(kSuccess).size()) + "\r\n\r\n");
  EXPECT_EQ(status_of(client.receive()), 100);  // So its head has been judged.
  port_.forget_requests();
  EXPECT_EQ(said(client.exchange(kSuccess)), "204");
  EXPECT_EQ(port_.events_submitted(), 2U);
  expect_identity(page());
}

TEST_F(Retries, AreAnsweredWhereNothingCanBeWritten) {
  start();
  EXPECT_EQ(send(request("a")), "204");
  health_.set_read_only(true);
  EXPECT_EQ(send(request("a")), "204d");
  EXPECT_EQ(send(request("b")), "503");
  const std::string large(20'000, ' ');  // Judged by its head.
  EXPECT_EQ(send(request("b", "/metrics", kSuccess + large)), "503");
  expect_identity(page());
}

TEST_F(Retries, WaitForTheFirstThatIsUnderWay) {
  require_tokens();
  options_.io_threads = 2;
  start();
  port_.hold(true);
  TestClient first(name()), second(name()), third(name());
  const std::string path = "/metrics?n=" + token_;
  first.send(request("a", path));
  port_.wait_for_events(1);
  second.send(request("a", path));
  third.send(request("a", path));
  while (port_.submissions() < 3) std::this_thread::yield();
  port_.hold(false);
  EXPECT_EQ(said(first.receive()), "204");
  EXPECT_EQ(said(second.receive()), "204d");
  EXPECT_EQ(said(third.receive()), "204d");
  EXPECT_EQ(port_.events_submitted(), 1U) << "a retry is not parsed again";
  expect_identity(page());
}

TEST_F(Retries, SentAheadOfTheAnswerAreKnown) {
  require_tokens();
  start();
  TestClient client(name());
  const std::string each = request("a", "/metrics?n=" + token_);
  client.send(each + each + each);
  EXPECT_EQ(said(client.receive()), "204");
  EXPECT_EQ(said(client.receive()), "204d");
  EXPECT_EQ(said(client.receive()), "204d");
  expect_identity(page());
}

TEST_F(Retries, CountWhatTheFirstHadStored) {
  start();
  const std::string line = R"({"time":1795338000000,"rp":"https://a","outcome":"success"})"
                           "\n";
  const auto bulk = [&] {
    return post("/v1/events", line + line + "{oops\n" + line,
                "Content-Type: application/x-ndjson\r\nIdempotency-Key: a\r\n");
  };
  EXPECT_EQ(send(bulk()), "200");
  EXPECT_EQ(send(bulk()), "200d");
  EXPECT_EQ(metric("kpi_events_accepted_total{dialect=\"ndjson\"}"), 3);
  EXPECT_EQ(refused("duplicate"), 3);
  expect_identity(page());
}

TEST_F(Retries, NobodyKnowsBuyNothing) {
  options_.rates = {0, 0, 1, 1'000};
  start();
  EXPECT_EQ(send(request("a")), "204");
  const std::size_t submissions = port_.submissions();
  int refusals = 0;
  for (int i = 0; i < 50; ++i) {
    refusals += send(request("random" + std::to_string(i))) == "503" ? 1 : 0;
  }
  EXPECT_GT(refusals, 0);
  EXPECT_EQ(port_.submissions() - submissions, 50U - static_cast<unsigned>(refusals))
      << "no refused one reaches the store";
  EXPECT_EQ(port_.events_submitted(), 1 + 50U - static_cast<unsigned>(refusals));
  expect_identity(page());
}

TEST_F(Retries, OfWhatWasRefusedAreJudgedAnew) {
  require_tokens();
  start();
  EXPECT_EQ(send(request("a", "/metrics")), "403");
  EXPECT_EQ(send(request("a", "/metrics?n=" + token_, "outcome=maybe")), "422");
  EXPECT_EQ(send(request("a", "/metrics?n=" + token_)), "204");
  EXPECT_EQ(send(request("a", "/metrics?n=" + token_)), "204d");
}

TEST_F(Retries, TokensComeBackWhereTheCommitFails) {
  require_tokens();
  start();
  port_.fail_from_now_on();
  EXPECT_EQ(send(request("a", "/metrics?n=" + token_)), "503");
  EXPECT_EQ(gate_->used().size(), 0U);
  EXPECT_EQ(send(post("/metrics?n=" + token_, kSuccess)), "503");
  EXPECT_EQ(gate_->used().size(), 0U);
}

class OneTokenTwice : public Retries {
 protected:
  std::string answers(TokenMode mode) {
    require_tokens(mode);
    options_.io_threads = 2;
    start();
    TestClient one(name()), two(name());
    one.send(request("x", "/metrics?n=" + token_));
    two.send(request("y", "/metrics?n=" + token_));
    const std::string first = said(one.receive()), second = said(two.receive());
    EXPECT_EQ(metric("kpi_tokens_total{result=\"valid\"}"), 1);
    EXPECT_EQ(metric("kpi_tokens_total{result=\"used\"}"), 1);
    return std::min(first, second) + ' ' + std::max(first, second);
  }
};

TEST_F(OneTokenTwice, BuysOneEventWhereItIsRequired) {
  EXPECT_EQ(answers(TokenMode::kRequire), "204 403");
}

TEST_F(OneTokenTwice, VouchesForOneEventWhereItIsCounted) {
  EXPECT_EQ(answers(TokenMode::kCount), "204 204");
}

}  // namespace
}  // namespace kpi::server
