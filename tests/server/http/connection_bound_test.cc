// Threat "DDoS": one sender does not take the connections of all.
#include "server/http/connection_bound.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

SenderAddress at(const char* text) { return parse_address(text).value(); }

TEST(ConnectionBound, ProxiesAndThisMachineAreNoSenders) {
  HttpOptions options;
  for (const char* text : {"192.0.2.1", "10.0.0.1", "2001:db8::1", "::ffff:198.51.100.7", "::2"}) {
    EXPECT_TRUE(is_counted_sender(options, at(text))) << text;
  }
  for (const char* text : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_FALSE(is_counted_sender(options, at(text))) << text;
  }
  EXPECT_FALSE(is_counted_sender(options, kUnknownSender));
  options.trusted_proxies = TrustedPeers::parse({"10.0.0.0/8"}).value();
  options.request_id_peers = TrustedPeers::parse({"192.0.2.1"}).value();
  EXPECT_FALSE(is_counted_sender(options, at("10.9.9.9")));
  EXPECT_FALSE(is_counted_sender(options, at("192.0.2.1")));
  EXPECT_TRUE(is_counted_sender(options, at("192.0.2.2")));
}

TEST(ConnectionBound, AQuarterUnlessSaid) {
  HttpOptions options;
  EXPECT_EQ(connections_per_sender(options), options.connections_max / 4);
  for (std::size_t few = 1; few < 8; ++few) {
    options.connections_max = few;
    EXPECT_EQ(connections_per_sender(options), 1U);
  }
  options.connections_per_sender = 100;
  EXPECT_EQ(connections_per_sender(options), 100U);
}

// Behind a PROXY header, which may name any sender.
class BoundConnections : public HttpTest {
 protected:
  void start_proxied() {
    start();
    proxied_ = std::make_unique<HttpServer>(options_, *labels_, health_);
    ASSERT_TRUE(proxied_->listen({false, {}, "127.0.0.1", 0}, true).ok());
    proxied_->start([this] {
      MetricsInput input;
      proxied_->describe(input);
      return metrics_page(input);
    });
  }
  void TearDown() override {
    if (proxied_) proxied_->stop();
    HttpTest::TearDown();
  }

  std::unique_ptr<TestClient> connect(const char* source) {
    auto client = std::make_unique<TestClient>(proxied_->names().front());
    std::string header("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16);
    const SenderAddress address = at(source);
    header.append(reinterpret_cast<const char*>(address.data()) + 12, 4);
    client->send(header + std::string(8, '\0'));
    return client;
  }
  static bool is_served(TestClient& client) {
    return status_of(client.exchange(get("/wsapi/ping"))) == 200;
  }

  std::unique_ptr<HttpServer> proxied_;
};

TEST_F(BoundConnections, OneMoreIsToldSoAndOthersAreServed) {
  options_.connections_per_sender = 2;
  start_proxied();
  auto first = connect("192.0.2.1"), second = connect("192.0.2.200");
  EXPECT_TRUE(is_served(*first));
  EXPECT_TRUE(is_served(*second));
  auto third = connect("192.0.2.77");
  const std::string refused = third->receive();
  EXPECT_EQ(status_of(refused), 429);
  EXPECT_NE(refused.find("too-many-connections"), std::string::npos);
  EXPECT_NE(header_of(refused, "Retry-After"), "");
  EXPECT_TRUE(third->closed());
  auto other = connect("192.0.3.1");
  EXPECT_TRUE(is_served(*other));
  const std::string page = body_of(other->exchange(get("/metrics")));
  EXPECT_NE(page.find("\nkpi_http_sender_connections_refused_total 1\n"), std::string::npos);
  EXPECT_NE(page.find("\nkpi_http_connections_per_sender_max 2\n"), std::string::npos);
  EXPECT_NE(page.find("\nkpi_http_connections_refused_total 0\n"), std::string::npos);
}

TEST_F(BoundConnections, WhatClosesMakesRoom) {
  options_.connections_per_sender = 1;
  start_proxied();
  for (int i = 0; i < 3; ++i) {
    auto client = connect("192.0.2.1");
    EXPECT_TRUE(is_served(*client));
    client->exchange(get("/wsapi/ping", "Connection: close\r\n"));
    EXPECT_TRUE(client->closed());
  }
}

TEST_F(BoundConnections, ProxiesBehindProxiesHaveNoBound) {
  options_.connections_per_sender = 1;
  options_.trusted_proxies = TrustedPeers::parse({"127.0.0.1", "10.0.0.0/8"}).value();
  start_proxied();
  auto first = connect("10.0.0.1"), second = connect("10.0.0.1");
  EXPECT_TRUE(is_served(*first));
  EXPECT_TRUE(is_served(*second));
}

// Nobody who is refused keeps connections from others while he does not read his answer.
TEST_F(BoundConnections, RefusedOnesTakeNoConnections) {
  options_.connections_max = 16;
  options_.connections_per_sender = 2;
  start_proxied();
  std::vector<std::unique_ptr<TestClient>> crowd;
  for (int i = 0; i < 40; ++i) {
    crowd.push_back(connect("192.0.2.1"));
    if (i < 2) {
      EXPECT_TRUE(is_served(*crowd.back()));
      continue;
    }
    const std::string refused = crowd.back()->receive();  // Or closed without a word.
    EXPECT_TRUE(refused.empty() || status_of(refused) == 429) << refused;
  }
  auto other = connect("192.0.3.1");
  EXPECT_TRUE(is_served(*other));
}

// An address of this machine that is none of its loopback; empty: it has none.
std::string own_address() {
  ifaddrs* list = nullptr;
  std::string found;
  if (::getifaddrs(&list) != 0) return found;
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
    if ((each->ifa_flags & IFF_UP) == 0 || (each->ifa_flags & IFF_LOOPBACK) != 0) continue;
    char text[INET_ADDRSTRLEN];
    const auto* address = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
    if (::inet_ntop(AF_INET, &address->sin_addr, text, sizeof text) != nullptr) found = text;
  }
  ::freeifaddrs(list);
  return found;
}

// Programs of this machine have none; one that has no other address shows that alone.
TEST_F(BoundConnections, WithoutAProxyToo) {
  options_.connections_per_sender = 1;
  start();
  const std::string own = own_address();
  for (const std::string& address : {std::string("127.0.0.1"), own.empty() ? "127.0.0.1" : own}) {
    const bool bound = address != "127.0.0.1";
    HttpServer direct(options_, *labels_, health_);
    ASSERT_TRUE(direct.listen({false, {}, address, 0}).ok());
    direct.start([] { return std::string(); });
    {
      TestClient first(direct.names().front());
      EXPECT_EQ(status_of(first.exchange(get("/wsapi/ping"))), 200);
      TestClient second(direct.names().front());
      EXPECT_TRUE(second.send(bound ? post("/metrics", std::string(1U << 20, 'a'))
                                    : get("/wsapi/ping", "Connection: close\r\n")));
      EXPECT_EQ(status_of(second.receive()), bound ? 429 : 200) << address;
      EXPECT_TRUE(second.closed());
      first.exchange(get("/wsapi/ping", "Connection: close\r\n"));
      EXPECT_TRUE(first.closed());
    }
    TestClient again(direct.names().front());
    EXPECT_EQ(status_of(again.exchange(get("/wsapi/ping"))), 200);
    direct.stop();
  }
}

}  // namespace
}  // namespace kpi::server
