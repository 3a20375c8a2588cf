#include "server/pgwire/query_server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <random>
#include <sstream>
#include <thread>

#include "server/pgwire/frontend.h"
#include "tests/server/pgwire/sample_events.h"
#include "tests/server/pgwire/waiting_store.h"
#include "tests/server/pgwire/wire_client.h"
#include "tests/support/temp_dir.h"

namespace kpi::server::pgwire {
namespace {

using std::string_literals::operator""s;

constexpr const char* kEndless = "SELECT p50(slow) FROM events";

class QueryServerTest : public testing::Test {
 protected:
  void start(QueryServerOptions options = {}) {
    options.version = "0.1.0";
    options.now_ms = [] { return test::kSampleBeginMs + 2 * kDayMs; };
    auto server = QueryServer::listen({Endpoint{false, "", "127.0.0.1", 0}}, store_, options);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(server).value();
    port_ = server_->endpoints()[0].port;
  }

  auth::StatementSlots slots_{2};
  test::WaitingStore store_{test::sample_events()};
  std::unique_ptr<QueryServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(QueryServerTest, RefusesEncryptionThenGreets) {
  start();
  WireClient client(port_);
  client.send(startup_packet("", 80'877'103));
  EXPECT_EQ(client.receive_byte(), "N");
  client.send(startup_packet("", 80'877'104));
  EXPECT_EQ(client.receive_byte(), "N");
  const std::string types = types_of(client.log_in());
  EXPECT_EQ(types.front(), 'R');
  EXPECT_EQ(types.substr(types.size() - 2), "KZ");
  EXPECT_EQ(types_of(client.query("SHOW RPS")), "TDDCZ");
  client.send(frontend_message('X', ""));
  EXPECT_TRUE(client.receive_end());
}

TEST_F(QueryServerTest, WhoHasNoNameIsRefused) {
  start();
  WireClient client(port_);
  client.send(startup_packet("database\0kpi\0\0"s));
  const auto messages = client.receive();
  ASSERT_EQ(types_of(messages), "E");
  EXPECT_EQ(field_of(messages[0], 'C'), "28000");
}

TEST_F(QueryServerTest, NewerMinorVersionsAreNegotiatedDown) {
  start();
  WireClient client(port_);
  client.send(startup_packet("user\0a\0_pq_.x\0y\0\0"s, 196'610));
  const auto messages = client.receive();
  ASSERT_EQ(messages[0].type, 'v');
  EXPECT_EQ(messages[0].body, "\0\0\0\0\0\0\0\1_pq_.x\0"s);
}

TEST_F(QueryServerTest, BytesMayComeOneByOneAndQueriesMayQueue) {
  start();
  WireClient client(port_);
  for (const char byte : startup_packet("user\0a\0\0"s)) client.send(std::string(1, byte));
  EXPECT_EQ(client.receive().back().type, 'Z');
  for (const char byte : query_message("SHOW RPS")) client.send(std::string(1, byte));
  EXPECT_EQ(types_of(client.receive()), "TDDCZ");
  std::string many;
  for (int i = 0; i < 200; ++i) many += query_message("SELECT 1");
  client.send(many);
  std::string types;
  while (types.size() < 200 * 4) types += types_of(client.receive());
  EXPECT_EQ(types.substr(0, 8), "TDCZTDCZ");
}

TEST_F(QueryServerTest, CancelNeedsTheRightKey) {
  start();
  WireClient client(port_);
  client.log_in();
  client.send(query_message(kEndless));
  store_.await_waiting(1);
  std::string wrong = client.key();
  wrong.back() = static_cast<char>(wrong.back() ^ 1);
  for (const std::string& key : {wrong, client.key()}) {
    WireClient canceler(port_);
    canceler.send(startup_packet(key, 80'877'102));
    EXPECT_TRUE(canceler.receive_end());
    if (key == wrong) store_.await_waiting(1);
  }
  const auto messages = client.receive();
  ASSERT_EQ(types_of(messages), "EZ");
  EXPECT_EQ(field_of(messages[0], 'C'), "57014");
  EXPECT_EQ(field_of(messages[0], 'M'), "canceling statement due to user request");
  EXPECT_EQ(types_of(client.query("SELECT 1")), "TDCZ");
  EXPECT_EQ(server_->counters().queries[2], 1U);
}

TEST_F(QueryServerTest, StatementsTimeOut) {
  QueryServerOptions options;
  options.statement_timeout = std::chrono::milliseconds(20);
  start(options);
  WireClient client(port_);
  client.log_in();
  const auto messages = client.query(kEndless);
  ASSERT_EQ(types_of(messages), "EZ");
  EXPECT_EQ(field_of(messages[0], 'M'), "canceling statement due to statement timeout");
  EXPECT_EQ(types_of(client.query("SELECT 1")), "TDCZ");
}

TEST_F(QueryServerTest, AClientThatGoesAwayStopsItsStatement) {
  start();
  {
    WireClient client(port_);
    client.log_in();
    client.send(query_message(kEndless));
    store_.await_waiting(1);
  }
  store_.await_stopped(1);
}

// Threat "query DoS"; who is asked for no name is one user, whatever the client says.
TEST_F(QueryServerTest, AUserHasABoundedNumberOfStatements) {
  QueryServerOptions options;
  options.worker_threads = 1;
  options.slots = &slots_;
  start(options);
  auto running = std::make_unique<WireClient>(port_);
  running->log_in();
  running->send(query_message(kEndless));
  store_.await_waiting(1);
  WireClient waiting(port_), third(port_);
  waiting.log_in();
  waiting.send(query_message("SELECT 1"));  // For the only worker.
  third.log_in();
  while (slots_.under_way() < 2) std::this_thread::yield();
  third.send(query_message("SELECT 1"));
  running.reset();  // Its client goes away: the statement stops, and the others get the worker.
  store_.await_stopped(1);
  EXPECT_EQ(types_of(waiting.receive()), "TDCZ");
  const auto refused = third.receive();
  ASSERT_EQ(types_of(refused), "EZ");
  EXPECT_EQ(field_of(refused[0], 'C'), "53400");
  EXPECT_EQ(field_of(refused[0], 'M'), "too many statements of this user are under way");
  EXPECT_EQ(types_of(third.query("SELECT 1")), "TDCZ");
  EXPECT_EQ(slots_.refused(), 1U);
  while (slots_.under_way() > 0) std::this_thread::yield();
}

TEST_F(QueryServerTest, ConnectionsAreBoundedAndCancelStillWorks) {
  QueryServerOptions options;
  options.connections_max = 1;
  start(options);
  WireClient first(port_);
  first.log_in();
  first.send(query_message(kEndless));
  store_.await_waiting(1);
  WireClient second(port_);
  const auto refused = second.log_in();
  ASSERT_EQ(types_of(refused), "E");
  EXPECT_EQ(field_of(refused[0], 'C'), "53300");
  EXPECT_EQ(field_of(refused[0], 'S'), "FATAL");
  WireClient canceler(port_);
  canceler.send(startup_packet(first.key(), 80'877'102));
  EXPECT_EQ(types_of(first.receive()), "EZ");
}

TEST_F(QueryServerTest, WhoSaysNothingKeepsNobodyOut) {
  QueryServerOptions options;
  options.connections_max = 4;
  start(options);
  WireClient known(port_);
  known.log_in();
  std::vector<std::unique_ptr<WireClient>> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<WireClient>(port_));
  WireClient late(port_);
  EXPECT_EQ(types_of(late.log_in()).back(), 'Z');
  EXPECT_EQ(types_of(late.query("SELECT 1")), "TDCZ");
  EXPECT_EQ(types_of(known.query("SELECT 1")), "TDCZ");
  const auto told = silent[0]->log_in();  // The oldest had to give way.
  ASSERT_EQ(types_of(told), "E");
  EXPECT_EQ(field_of(told[0], 'C'), "53300");
  EXPECT_GE(server_->counters().strangers_evicted, 1U);
  WireClient another(port_), last(port_);
  EXPECT_EQ(types_of(another.log_in()).back(), 'Z');
  EXPECT_EQ(types_of(last.log_in()).back(), 'Z');
  WireClient beyond(port_);  // All four have logged in.
  const auto refused = beyond.log_in();
  ASSERT_EQ(types_of(refused), "E");
  EXPECT_EQ(field_of(refused[0], 'C'), "53300");
}

// Which timer runs for the server's end of its one connection, from the system's table of them.
std::string timer_at(std::uint16_t port) {
  std::ostringstream local;
  local << ':' << std::uppercase << std::hex << std::setw(4) << std::setfill('0') << port;
  std::ifstream table("/proc/net/tcp");
  std::string line, number, address, remote, state, queues, timer;
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    fields >> number >> address >> remote >> state >> queues >> timer;
    if (state == "01" && address.find(local.str()) != address.npos) return timer.substr(0, 2);
  }
  return "";
}

TEST_F(QueryServerTest, IdleConnectionsAreAskedWhetherTheyLive) {
  start();
  WireClient client(port_);
  client.log_in();
  const std::string keep_alive = "02";
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (timer_at(port_) != keep_alive && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();  // The last answer is still to be acknowledged.
  }
  EXPECT_EQ(timer_at(port_), keep_alive);
}

TEST_F(QueryServerTest, MessagesBeyondTheLimitEndTheSession) {
  start();
  WireClient client(port_);
  client.log_in();
  client.send("Q" + big_endian(static_cast<std::uint32_t>(kFrontendMessageBytesMax)));
  const auto messages = client.receive();
  ASSERT_EQ(types_of(messages), "E");
  EXPECT_EQ(field_of(messages[0], 'C'), "54000");
  EXPECT_EQ(field_of(messages[0], 'S'), "FATAL");
  WireClient at_limit(port_);
  at_limit.log_in();
  at_limit.send(query_message(std::string(kFrontendMessageBytesMax - 6, ' ')));
  EXPECT_EQ(at_limit.receive().back().type, 'Z');
}

TEST_F(QueryServerTest, WhoSaysNothingIsLetGo) {
  QueryServerOptions options;
  options.login_timeout = std::chrono::milliseconds(20);
  start(options);
  WireClient client(port_);
  EXPECT_TRUE(client.receive_end());
}

// Promise P12: after the login, too, the time of a message is absolute.
TEST_F(QueryServerTest, AMessageThatDoesNotEndIsNotWaitedFor) {
  QueryServerOptions options;
  options.message_timeout = std::chrono::milliseconds(200);
  start(options);
  WireClient whole(port_), part(port_), trickling(port_);
  for (WireClient* client : {&whole, &part, &trickling}) client->log_in();
  part.send("Q");
  EXPECT_TRUE(part.receive_end());
  trickling.send("Q"s + "\0\0\xFF\0"s);
  EXPECT_TRUE(trickling.receive_end());
  // Idle between messages is no fault, and a message in two halves is none.
  const std::string message = query_message("SELECT 1");
  whole.send(message.substr(0, 3));
  whole.send(message.substr(3));
  EXPECT_EQ(types_of(whole.receive()), "TDCZ");
}

TEST_F(QueryServerTest, ASlowReaderGetsAllOfALargeAnswer) {
  std::vector<test::ModelEvent> events(1);
  for (int i = 0; i < 100'000; ++i) {
    events[0].rp = "https://rp" + std::to_string(i) + ".example";
    events.push_back(events[0]);
  }
  test::ModelStore many(std::move(events));
  auto server = QueryServer::listen({Endpoint{false, "", "127.0.0.1", 0}}, many, {});
  ASSERT_TRUE(server.ok());
  WireClient client(server.value()->endpoints()[0].port);
  client.log_in();
  const auto messages = client.query("SHOW RPS; SHOW RPS");
  EXPECT_EQ(messages.size(), 2U * 100'002 + 1);
  EXPECT_EQ(server.value()->counters().rows_sent, 200'000U);
}

TEST_F(QueryServerTest, StoppingTellsIdleClientsAndEndsStatements) {
  start();
  WireClient idle(port_), running(port_);
  idle.log_in();
  running.log_in();
  running.send(query_message(kEndless));
  store_.await_waiting(1);
  server_->stop();
  const auto messages = idle.receive();
  ASSERT_EQ(types_of(messages), "E");
  EXPECT_EQ(field_of(messages[0], 'C'), "57P01");
  EXPECT_TRUE(running.receive_end());
  EXPECT_FALSE(WireClient(port_).connected());
}

TEST_F(QueryServerTest, UnixSocketsAreWhereLibpqLooks) {
  const TempDir dir;
  const Endpoint endpoint{true, dir.path(), "", 0};
  const auto path = dir.path() / ".s.PGSQL.5432";
  auto server = QueryServer::listen({endpoint}, store_, {});
  ASSERT_TRUE(server.ok()) << server.error().message;
  struct stat status = {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660U);
  EXPECT_EQ(QueryServer::listen({endpoint}, store_, {}).error().code, ErrorCode::kBusy);
  server.value()->stop();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(QueryServerTest, ASocketLeftBehindIsReplacedAndAFileIsNot) {
  const TempDir dir;
  const auto path = dir.path() / ".s.PGSQL.5432";
  const int left = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage storage = {};
  storage.ss_family = AF_UNIX;
  path.string().copy(reinterpret_cast<char*>(&storage) + sizeof(sa_family_t), 100);
  ASSERT_EQ(bind(left, reinterpret_cast<sockaddr*>(&storage), 110), 0);
  close(left);
  ASSERT_TRUE(std::filesystem::is_socket(path));
  EXPECT_TRUE(QueryServer::listen({{true, dir.path(), "", 0}}, store_, {}).ok());
  std::filesystem::create_directory(path);
  EXPECT_FALSE(QueryServer::listen({{true, dir.path(), "", 0}}, store_, {}).ok());
}

TEST_F(QueryServerTest, OnlyLoopbackIsServedWithoutAuthentication) {
  const auto refused = QueryServer::listen({{false, "", "0.0.0.0", 0}}, store_, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(QueryServer::listen({}, store_, {}).error().code, ErrorCode::kInvalidArgument);
}

class QueryServerNoise : public QueryServerTest,
                         public testing::WithParamInterface<std::uint32_t> {};  // The seed.

TEST_P(QueryServerNoise, AnyBytesLeaveTheServerServing) {
  start();
  std::mt19937 random(GetParam());
  for (int i = 0; i < 20; ++i) {
    WireClient client(port_);
    if (i % 2 == 0) client.log_in();
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 8);
    if (random() % 2 == 0) bytes = query_message(bytes.substr(0, bytes.find('\0')));
    client.send(bytes);
  }
  WireClient client(port_);
  client.log_in();
  EXPECT_EQ(types_of(client.query("SELECT 1")), "TDCZ");
}
INSTANTIATE_TEST_SUITE_P(Seeds, QueryServerNoise, testing::Range(0U, 5U));

}  // namespace
}  // namespace kpi::server::pgwire
