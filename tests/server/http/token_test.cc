// Threat "bogus submissions": who may have tokens, and what a report's token decides.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/server/http/http_fixture.h"
#include "tests/support/temp_dir.h"

namespace kpi::server {
namespace {

std::int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class Tokens : public HttpTest {
 protected:
  void start_with(TokenMode mode) {
    keys_.push_back(auth::new_token_key({}, now_s()));
    ASSERT_TRUE(auth::save_token_keys(path_, keys_).ok());
    auto gate = TokenGate::open({path_, mode, 600});
    ASSERT_TRUE(gate.ok());
    gate_ = std::move(gate).value();
    options_.tokens = gate_.get();
    options_.keep_trust = true;
    start();
  }
  std::string minted(std::int64_t expires_s) { return auth::TokenSigner(keys_).mint(expires_s); }
  std::string problem_of(const std::string& token, const std::string& body = kSuccess) {
    TestClient client(name());
    const std::string query = token.empty() ? "" : "?variant=B&n=" + token;
    const std::string answer = client.exchange(post("/metrics" + query, body));
    if (status_of(answer) == 204) return "";
    const auto json = nlohmann::json::parse(body_of(answer), nullptr, false);
    return std::to_string(status_of(answer)) + " " + json.value("type", "?").substr(21);
  }

  TempDir dir_;
  const std::string path_ = std::string(dir_.path()) + "/keys";
  auth::TokenKeys keys_;
  std::unique_ptr<TokenGate> gate_;
};

TEST_F(Tokens, AreRequiredOnce) {
  start_with(TokenMode::kRequire);
  const std::string token = minted(now_s() + 60);
  EXPECT_EQ(problem_of(""), "403 token-missing");
  EXPECT_EQ(problem_of("abc"), "403 token-forged");
  EXPECT_EQ(problem_of(minted(now_s() - 60)), "403 token-expired");
  EXPECT_EQ(problem_of(auth::TokenSigner({auth::new_token_key({}, 1)}).mint(now_s() + 60)),
            "403 token-forged");
  EXPECT_EQ(problem_of(token), "");
  EXPECT_EQ(problem_of(token), "403 token-used");
  EXPECT_EQ(metric("kpi_events_accepted_total{dialect=\"chrome\"}"), 1);
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"token_missing\"}"), 1);
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"token_forged\"}"), 2);
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"token_expired\"}"), 1);
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"token_used\"}"), 1);
  EXPECT_EQ(metric("kpi_events_received_total"), 6);
  EXPECT_EQ(metric("kpi_tokens_total{result=\"valid\"}"), 1);
  EXPECT_EQ(metric("kpi_tokens_total{result=\"used\"}"), 1);
  expect_identity(page());
}

TEST_F(Tokens, AreNotUsedUpByWhatIsRefused) {
  start_with(TokenMode::kRequire);
  const std::string token = minted(now_s() + 60);
  EXPECT_EQ(problem_of(token, "outcome=maybe"), "422 unknown-outcome");
  EXPECT_EQ(problem_of(token), "");
  EXPECT_EQ(problem_of(token), "403 token-used");
}

TEST_F(Tokens, AreOnlyCounted) {
  start_with(TokenMode::kCount);
  const std::string token = minted(now_s() + 60);
  EXPECT_EQ(problem_of(""), "");
  EXPECT_EQ(problem_of("abc"), "");
  EXPECT_EQ(problem_of(minted(now_s() - 60)), "");
  EXPECT_EQ(problem_of(token), "");
  EXPECT_EQ(problem_of(token), "");
  for (const char* result : {"valid", "missing", "expired", "forged", "used"}) {
    EXPECT_EQ(metric("kpi_tokens_total{result=\"" + std::string(result) + "\"}"), 1) << result;
  }
  EXPECT_EQ(metric("kpi_events_accepted_total{dialect=\"chrome\"}"), 5);
  expect_identity(page());
}

TEST_F(Tokens, LargeAndUnfinishedBodiesCountOnce) {
  start_with(TokenMode::kRequire);
  {
    TestClient client(name());
    const std::string answer =
        client.exchange("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\nx");
    EXPECT_EQ(status_of(answer), 403);
    EXPECT_TRUE(client.closed());
  }
  {
    TestClient client(name());
    client.send("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx");
    client.finish_sending();
    EXPECT_TRUE(client.closed());
  }
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"token_missing\"}"), 2);
  EXPECT_EQ(metric("kpi_events_received_total"), 2);
  expect_identity(page());
}

TEST_F(Tokens, AreGivenToServersThatAsk) {
  start_with(TokenMode::kRequire);
  TestClient client(name());
  const std::string answer = client.exchange(post("/v1/token", ""));
  ASSERT_EQ(status_of(answer), 200) << answer;
  EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store");
  const auto one = nlohmann::json::parse(body_of(answer));
  EXPECT_NEAR(static_cast<double>(one["expires"].get<std::int64_t>()),
              static_cast<double>(now_s() + 600), 5);
  EXPECT_EQ(problem_of(one["token"]), "");
  const auto batch = [&](const std::string& n) {
    return client.exchange(post("/v1/token", "{\"n\": " + n + "}"));
  };
  const auto many = nlohmann::json::parse(body_of(batch("1000")));
  EXPECT_EQ(many["tokens"].size(), 1000U);
  EXPECT_EQ(problem_of(many["tokens"][0]), "");
  EXPECT_EQ(problem_of(many["tokens"][999]), "");
  for (const char* bad : {"1001", "0", "-1", "1.5", "\"1\""}) {
    EXPECT_EQ(status_of(batch(bad)), 400) << bad;
  }
  EXPECT_EQ(status_of(client.exchange(post("/v1/token", "[1]"))), 400);
  EXPECT_EQ(status_of(client.exchange(get("/v1/token"))), 405);
  EXPECT_EQ(metric("kpi_tokens_minted_total"), 1001);
  EXPECT_EQ(status_of(client.exchange(post("/v1/token", std::string(257, ' ')))), 413);
}

TEST_F(Tokens, KeysAreReadAgain) {
  start_with(TokenMode::kRequire);
  const std::string by_old = minted(now_s() + 60);
  const std::string by_old_too = minted(now_s() + 60);
  EXPECT_EQ(problem_of(by_old), "");
  keys_.push_back(auth::new_token_key(keys_, now_s()));
  const std::string by_new = minted(now_s() + 60);
  EXPECT_EQ(problem_of(by_new), "403 token-forged");
  ASSERT_TRUE(auth::save_token_keys(path_, keys_).ok());
  ASSERT_TRUE(gate_->reload().ok());
  EXPECT_EQ(problem_of(by_new), "");
  EXPECT_EQ(problem_of(by_old_too), "");
  ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
  EXPECT_FALSE(gate_->reload().ok());
  EXPECT_EQ(problem_of(minted(now_s() + 60)), "");  // The old keys stay.
}

TEST_F(Tokens, WithoutKeysThereAreNone) {
  start();
  TestClient client(name());
  const std::string answer = client.exchange(post("/v1/token", ""));
  EXPECT_EQ(status_of(answer), 404);
  EXPECT_NE(body_of(answer).find("no-token-keys"), std::string::npos);
  EXPECT_EQ(problem_of("whatever"), "");
}

}  // namespace
}  // namespace kpi::server
