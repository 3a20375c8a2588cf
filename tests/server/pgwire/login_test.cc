#include "server/pgwire/login.h"

#include <gtest/gtest.h>

#include "server/auth/users_file.h"
#include "server/pgwire/query_server.h"
#include "tests/server/auth/scram_client.h"
#include "tests/server/pgwire/sample_events.h"
#include "tests/server/pgwire/test_certificate.h"
#include "tests/server/pgwire/waiting_store.h"
#include "tests/server/pgwire/wire_client.h"
#include "tests/support/temp_dir.h"

namespace kpi::server::pgwire {
namespace {

using std::string_literals::operator""s;

std::string sasl(std::string_view mechanism, const std::string& first) {
  std::string body = std::string(mechanism) + '\0' + "\0\0\0"s;
  body += static_cast<char>(first.size());
  return frontend_message('p', body + first);
}

class LoginTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto verifier = auth::make_verifier("pencil", std::string(16, 's'), auth::kIterationsMin);
    ASSERT_TRUE(auth::write_users_file(
                    users_, "dash reader " + auth::verifier_text(verifier) + "\nalice admin peer\n")
                    .ok());
    gate_ = auth::Gate::open(users_).value();
    rules_.gate = gate_.get();
  }

  TempDir dir_;
  const std::string users_ = dir_.path() / "users";
  std::unique_ptr<auth::Gate> gate_;
  LoginRules rules_;
  std::string out_;
};

TEST_F(LoginTest, WithoutUsersThisMachineIsAdmin) {
  for (const auto entrance : {auth::Entrance::kUnixSocket, auth::Entrance::kLoopback}) {
    Login login({}, {entrance, {}, false, {}}, "anybody");
    ASSERT_EQ(login.begin(out_), Login::State::kAdmitted);
    EXPECT_EQ(login.principal().name, "anybody");
    EXPECT_EQ(login.principal().role, auth::Role::kAdmin);
  }
  EXPECT_EQ(out_, "");
  Login login({}, {auth::Entrance::kRemote, {}, false, {}}, "anybody");
  ASSERT_EQ(login.begin(out_), Login::State::kRefused);
  EXPECT_EQ(login.sqlstate(), "28000");
}

TEST_F(LoginTest, AsksForWhatTheConnectionCanDo) {
  Login plain(rules_, {auth::Entrance::kLoopback, {}, false, {}}, "dash");
  ASSERT_EQ(plain.begin(out_), Login::State::kWaiting);
  EXPECT_EQ(out_, "R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"s);
  out_.clear();
  Login secure(rules_, {auth::Entrance::kLoopback, {}, true, "hash"}, "dash");
  ASSERT_EQ(secure.begin(out_), Login::State::kWaiting);
  EXPECT_EQ(out_, "R\0\0\0\x2a\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"s);
}

TEST_F(LoginTest, APasswordAdmitsItsUser) {
  Login login(rules_, {auth::Entrance::kRemote, {}, false, {}}, "dash");
  ASSERT_EQ(login.begin(out_), Login::State::kWaiting);
  out_.clear();
  const auth::ScramClient client{"pencil"};
  ASSERT_EQ(login.on_message(sasl("SCRAM-SHA-256", client.first()), out_), Login::State::kWaiting);
  const std::string server_first = out_.substr(9);
  out_.clear();
  ASSERT_EQ(login.on_message(frontend_message('p', client.final(server_first)), out_),
            Login::State::kAdmitted);
  EXPECT_EQ(out_.substr(9, 2), "v=");
  EXPECT_EQ(login.principal().role, auth::Role::kReader);
}

TEST_F(LoginTest, PeersNeedNoPassword) {
  Login login(rules_, {auth::Entrance::kUnixSocket, {false, "alice"}, false, {}}, "alice");
  EXPECT_EQ(login.begin(out_), Login::State::kAdmitted);
  Login remote(rules_, {auth::Entrance::kLoopback, {true, "alice"}, false, {}}, "alice");
  EXPECT_EQ(remote.begin(out_), Login::State::kWaiting);
}

TEST_F(LoginTest, RequiredTlsIsForTcp) {
  rules_.tls_required = true;
  Login tcp(rules_, {auth::Entrance::kLoopback, {}, false, {}}, "dash");
  EXPECT_EQ(tcp.begin(out_), Login::State::kRefused);
  EXPECT_EQ(tcp.sqlstate(), "28000");
  Login socket(rules_, {auth::Entrance::kUnixSocket, {true, "root"}, false, {}}, "dash");
  EXPECT_EQ(socket.begin(out_), Login::State::kAdmitted);
}

TEST_F(LoginTest, MechanismsThatWereNotOfferedAreRefused) {
  for (const char* mechanism : {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "PLAIN", ""}) {
    Login login(rules_, {auth::Entrance::kLoopback, {}, false, {}}, "dash");
    ASSERT_EQ(login.begin(out_), Login::State::kWaiting);
    EXPECT_EQ(login.on_message(sasl(mechanism, "n,,n=,r=abc"), out_), Login::State::kRefused);
    EXPECT_EQ(login.sqlstate(), "08P01");
  }
}

TEST_F(LoginTest, MessageSizes) {
  EXPECT_FALSE(login_message_size("p\0\0\0"s).value());
  EXPECT_EQ(login_message_size("p\0\0\0\4"s).value(), 5U);
  EXPECT_EQ(login_message_size("p\0\0\4\x44"s).value(), 1093U);
  EXPECT_EQ(login_message_size("p\0\0\4\x45"s).error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(login_message_size("p\0\0\0\3"s).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(login_message_size("p\xff\xff\xff\xff"s).error().code, ErrorCode::kLimitExceeded);
}

// A client that stops anywhere on its way in is closed after the login timeout, once for all.
TEST_F(LoginTest, TheTimeoutCoversEveryStep) {
  const std::string certificate = dir_.path() / "cert", key = dir_.path() / "key";
  test::write_certificate(certificate, key);
  const auto tls = TlsSource::open(certificate, key);
  ASSERT_TRUE(tls.ok()) << tls.error().message;
  test::WaitingStore store(test::sample_events());
  QueryServerOptions options;
  options.login_timeout = std::chrono::milliseconds(100);
  options.login_rules = rules_;
  options.tls = tls.value().get();
  auto server = QueryServer::listen({Endpoint{false, "", "127.0.0.1", 0}}, store, options);
  ASSERT_TRUE(server.ok());
  const std::uint16_t port = server.value()->endpoints()[0].port;
  const std::string startup = startup_packet("user\0dash\0\0"s);
  const std::string steps[] = {"",
                               startup.substr(0, 6),
                               startup_packet("", 80'877'103),
                               startup_packet("", 80'877'104),
                               startup,
                               startup + sasl("SCRAM-SHA-256", "n,,n=,r=abc"),
                               startup + "p"};
  for (const std::string& step : steps) {
    WireClient client(port);
    client.send(step);
    EXPECT_TRUE(client.receive_end());
  }
  EXPECT_EQ(server.value()->counters().queries[0], 0U);
}

TEST_F(LoginTest, BeyondLoopbackNeedsUsers) {
  test::WaitingStore store(test::sample_events());
  const std::vector<Endpoint> anywhere = {Endpoint{false, "", "0.0.0.0", 0}};
  EXPECT_FALSE(QueryServer::listen(anywhere, store, {}).ok());
  QueryServerOptions options;
  options.login_rules = rules_;
  EXPECT_TRUE(QueryServer::listen(anywhere, store, options).ok());
}

}  // namespace
}  // namespace kpi::server::pgwire
