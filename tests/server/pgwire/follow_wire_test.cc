#include <gtest/gtest.h>

#include "server/pgwire/frontend.h"
#include "server/pgwire/query_server.h"
#include "tests/server/pgwire/extended_messages.h"
#include "tests/server/pgwire/sample_events.h"
#include "tests/server/pgwire/waiting_store.h"
#include "tests/server/pgwire/wire_client.h"

namespace kpi::server::pgwire {
namespace {

class FollowWireTest : public testing::Test {
 protected:
  void start(QueryServerOptions options = {}) {
    options.version = "0.1.0";
    options.worker_threads = 1;
    options.now_ms = [] { return test::kSampleBeginMs + 2 * kDayMs; };
    auto server = QueryServer::listen({Endpoint{false, "", "127.0.0.1", 0}}, store_, options);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(server).value();
    port_ = server_->endpoints()[0].port;
  }
  void accept(const char* rp) {
    test::ModelEvent event = test::sample_events()[0];
    event.rp = rp;
    store_.accept(event);
  }
  // Sends FOLLOW and waits until it follows.
  static void follow(WireClient& client, const char* text = "FOLLOW") {
    client.log_in();
    client.send(query_message(text));
    const auto messages = client.receive(1);
    ASSERT_EQ(types_of(messages), "T") << field_of(messages[0], 'M');
  }
  static bool has_value(const WireMessage& row, const std::string& wanted) {
    const auto values = values_of(row);
    return std::find(values.begin(), values.end(), wanted) != values.end();
  }
  void cancel(const WireClient& client) const {
    WireClient canceler(port_);
    canceler.send(startup_packet(client.key(), 80'877'102));
    EXPECT_TRUE(canceler.receive_end());
  }

  test::WaitingStore store_{test::sample_events()};
  std::unique_ptr<QueryServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(FollowWireTest, RowsComeAsEventsAreAcceptedUntilCanceled) {
  start();
  WireClient client(port_);
  follow(client, "FOLLOW WHERE rp = 'https://b.example'");
  for (int i = 0; i < 3; ++i) {
    accept("https://a.example");
    accept("https://b.example");
    const auto rows = client.receive(1);
    ASSERT_EQ(types_of(rows), "D");
    EXPECT_TRUE(has_value(rows[0], "https://b.example"));
  }
  cancel(client);
  const auto end = client.receive();
  ASSERT_EQ(types_of(end), "EZ");
  EXPECT_EQ(field_of(end[0], 'C'), "57014");
  EXPECT_EQ(types_of(client.query("SELECT 1")), "TDCZ");
  EXPECT_EQ(server_->counters().rows_sent, 4U);
}

TEST_F(FollowWireTest, AFollowHoldsNoWorkerAndHasNoTimeLimit) {
  QueryServerOptions options;
  options.statement_timeout = std::chrono::milliseconds(500);
  start(options);
  WireClient client(port_), other(port_);
  follow(client);
  other.log_in();
  EXPECT_EQ(types_of(other.query("SELECT count(*) FROM events")), "TDCZ");
  // As long as the limit has passed for another.
  const auto timeout = other.query("SELECT p50(slow) FROM events");
  EXPECT_EQ(field_of(timeout[0], 'C'), "57014");
  accept("https://new.example");
  EXPECT_EQ(types_of(client.receive(1)), "D");
}

TEST_F(FollowWireTest, FollowsAreBoundedAndGiveTheirPlaceBack) {
  QueryServerOptions options;
  options.follows_max = 1;
  start(options);
  WireClient second(port_);
  second.log_in();
  {
    WireClient first(port_);
    follow(first);
    const auto refused = second.query("FOLLOW");
    ASSERT_EQ(types_of(refused), "EZ");
    EXPECT_EQ(field_of(refused[0], 'C'), "54000");
  }
  // The server notices that the first is gone in its own time.
  std::string type;
  for (int i = 0; i < 100'000 && type != "T"; ++i) {
    second.send(query_message("FOLLOW"));
    type = types_of(second.receive(1));
    if (type == "E") second.receive();
  }
  EXPECT_EQ(type, "T");
}

TEST_F(FollowWireTest, HalfOfTheConnectionsAtMostFollow) {
  QueryServerOptions options;
  options.connections_max = 3;
  start(options);
  WireClient first(port_), second(port_);
  follow(first);
  second.log_in();
  EXPECT_EQ(types_of(second.query("FOLLOW")), "EZ");
}

TEST_F(FollowWireTest, APortalThatFollowsHasRowLimits) {
  start();
  WireClient client(port_);
  client.log_in();
  client.send(query_message("BEGIN"));
  client.receive();
  client.send(parse_message("", "FOLLOW WHERE rp = $1") + describe_message('S', "") +
              bind_message("", "", {"https://b.example"}) + execute_message("", 2));
  client.send(frontend_message('H', ""));
  ASSERT_EQ(types_of(client.receive(4)), "1tT2");
  for (int i = 0; i < 3; ++i) accept("https://b.example");
  EXPECT_EQ(types_of(client.receive(2)), "DD");
  client.send(sync_message());
  EXPECT_EQ(types_of(client.receive()), "sZ");
  client.send(execute_message("", 1) + sync_message());
  EXPECT_EQ(types_of(client.receive()), "DsZ");
}

TEST_F(FollowWireTest, WhoSendsOnAndOnWhileFollowingIsCutOff) {
  start();
  WireClient client(port_);
  follow(client);
  const std::string long_text = query_message(std::string(60'000, ' '));
  for (std::size_t sent = 0; sent <= 2 * kFrontendMessageBytesMax; sent += long_text.size()) {
    client.send(long_text);
  }
  const auto messages = client.receive(1);
  if (!messages.empty()) {  // Else the connection was reset before it was read.
    EXPECT_EQ(field_of(messages[0], 'C'), "54000");
  }
  EXPECT_TRUE(client.receive_end());
}

TEST_F(FollowWireTest, TheServersEndEndsAFollow) {
  start();
  WireClient client(port_), other(port_);
  follow(client);
  other.log_in();  // By now the follow has nothing left to send.
  server_->stop();
  const auto messages = client.receive(1);
  ASSERT_EQ(types_of(messages), "E");
  EXPECT_EQ(field_of(messages[0], 'C'), "57P01");
}

TEST_F(FollowWireTest, TheTimeThatASessionSetsIsKept) {
  start();
  WireClient client(port_);
  client.log_in();
  EXPECT_EQ(types_of(client.query("SET statement_timeout = '20ms'")), "CZ");
  const auto late = client.query("SELECT p50(slow) FROM events");
  ASSERT_EQ(types_of(late), "EZ");
  EXPECT_EQ(field_of(late[0], 'M'), "canceling statement due to statement timeout");
  const auto at_once = client.query(
      "SET statement_timeout = 0; SET statement_timeout = 20; SELECT p50(slow) FROM "
      "events");
  EXPECT_EQ(types_of(at_once), "CCEZ");
  using std::string_literals::operator""s;
  WireClient early(port_);
  early.send(startup_packet("user\0a\0options\0-c statement_timeout=15\0\0"s));
  early.receive();
  EXPECT_EQ(types_of(early.query("SELECT p50(slow) FROM events")), "EZ");
  EXPECT_EQ(values_of(early.query("SHOW statement_timeout")[1])[0], "15ms");
}

}  // namespace
}  // namespace kpi::server::pgwire
