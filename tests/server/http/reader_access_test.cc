#include "server/http/reader_access.h"

#include "server/auth/base64.h"
#include "server/auth/users_file.h"
#include "tests/server/http/http_fixture.h"
#include "tests/support/temp_dir.h"

namespace kpi::server {
namespace {

using std::string_literals::operator""s;

std::string basic(const std::string& user, const std::string& password) {
  return "Authorization: Basic " + auth::to_base64(user + ":" + password) + "\r\n";
}

TEST(Basic, Reads) {
  const auto credentials = parse_basic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617.
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->user, "Aladdin");
  EXPECT_EQ(credentials->password, "open sesame");
  EXPECT_EQ(parse_basic("bAsIc  " + auth::to_base64("a:b:c"))->password, "b:c");
  EXPECT_EQ(parse_basic("Basic " + auth::to_base64(":"))->user, "");
}

TEST(Basic, RefusesTheMalformed) {
  for (const std::string& text :
       {""s, "Basic"s, "Basic "s, "Basic !"s, "Basic QWxh"s, "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ=="s,
        "BasicQWxhZGRpbjpvcGVuIHNlc2FtZQ=="s, "Basic " + auth::to_base64("a\0:b"s),
        "Basic " + auth::to_base64("a:b") + " x"}) {
    EXPECT_FALSE(parse_basic(text)) << text;
  }
}

class ReaderAccessTest : public HttpTest {
 protected:
  void SetUp() override {
    const auto verifier = auth::make_verifier("pencil", std::string(16, 's'), auth::kIterationsMin);
    const std::string text = auth::verifier_text(verifier);
    ASSERT_TRUE(
        auth::write_users_file(users_, "dash reader " + text + "\nboss admin " + text + "\n").ok());
    gate_ = auth::Gate::open(users_).value();
    options_.gate = gate_.get();
    runner_ = [](const std::string&, QueryFormat, bool may_change, std::stop_token) {
      return QueryAnswer{200, "text/plain", may_change ? "admin" : "reader", {}};
    };
    start();
  }
  std::string ask(const std::string& headers) { return post("/v1/query", "SHOW RPS", headers); }

  TempDir dir_;
  const std::string users_ = dir_.path() / "users";
  std::unique_ptr<auth::Gate> gate_;
};

TEST_F(ReaderAccessTest, RolesReachTheStatement) {
  TestClient client(name());
  EXPECT_EQ(status_of(client.exchange(ask({}))), 401);
  EXPECT_EQ(body_of(client.exchange(ask(basic("dash", "pencil")))), "reader");
  EXPECT_EQ(body_of(client.exchange(ask(basic("boss", "pencil")))), "admin");
  EXPECT_EQ(status_of(client.exchange(ask(basic("boss", "pen")))), 401);
  EXPECT_EQ(gate_->derivations(), 3U);
  EXPECT_EQ(body_of(client.exchange(ask(basic("boss", "pencil")))), "admin");
  EXPECT_EQ(gate_->derivations(), 3U);
}

// Requests behind one whose password is being checked wait for it, and are all answered.
TEST_F(ReaderAccessTest, AnswersStayInOrder) {
  TestClient client(name());
  std::string requests;
  for (int i = 0; i < 20; ++i) {
    requests += ask(basic(i % 2 == 0 ? "dash" : "boss", "pencil")) + get("/healthz");
  }
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(body_of(client.receive()), i % 2 == 0 ? "reader" : "admin");
    EXPECT_EQ(body_of(client.receive()), "alive\n");
  }
}

TEST_F(ReaderAccessTest, AClientThatLeavesMeanwhileIsForgotten) {
  for (int i = 0; i < 20; ++i) {
    TestClient client(name());
    ASSERT_TRUE(client.send(ask(basic("dash", "wrong " + std::to_string(i)))));
  }
  TestClient client(name());
  EXPECT_EQ(status_of(client.exchange(get("/healthz"))), 200);
}

TEST_F(ReaderAccessTest, TwoCredentialsAreOneTooMany) {
  TestClient client(name());
  EXPECT_EQ(status_of(client.exchange(ask(basic("dash", "pencil") + basic("boss", "x")))), 400);
}

}  // namespace
}  // namespace kpi::server
