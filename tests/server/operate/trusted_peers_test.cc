// Whom a request ID is believed from: exactly the networks that are named.
#include "server/operate/trusted_peers.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace kpi::server {
namespace {

bool has(const std::vector<std::string>& texts, const char* peer) {
  const auto peers = TrustedPeers::parse(texts);
  EXPECT_TRUE(peers.ok());
  sockaddr_storage storage{};
  if (std::strchr(peer, ':') != nullptr) {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, peer, &in6.sin6_addr), 1);
    std::memcpy(&storage, &in6, sizeof in6);
  } else {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, peer, &in.sin_addr), 1);
    std::memcpy(&storage, &in, sizeof in);
  }
  return peers.value().has(reinterpret_cast<const sockaddr*>(&storage));
}

bool has_unix(const std::vector<std::string>& texts) {
  sockaddr peer{};
  peer.sa_family = AF_UNIX;
  return TrustedPeers::parse(texts).value().has(&peer);
}

TEST(TrustedPeers, AreThoseNamed) {
  EXPECT_TRUE(TrustedPeers::parse({}).value().none());
  EXPECT_FALSE(TrustedPeers::parse({"unix"}).value().none());
  EXPECT_FALSE(has({}, "127.0.0.1"));
  EXPECT_TRUE(has({"127.0.0.1"}, "127.0.0.1"));
  EXPECT_FALSE(has({"127.0.0.1"}, "127.0.0.2"));
  EXPECT_TRUE(has({"10.0.0.0/8"}, "10.255.255.255"));
  EXPECT_FALSE(has({"10.0.0.0/8"}, "11.0.0.0"));
  EXPECT_TRUE(has({"10.1.2.3/8"}, "10.0.0.0"));
  EXPECT_TRUE(has({"0.0.0.0/0"}, "255.255.255.255"));
  EXPECT_TRUE(has({"192.0.2.0/31"}, "192.0.2.1"));
  EXPECT_TRUE(has({"fd00::/8"}, "fdff::1"));
  EXPECT_FALSE(has({"fd00::/8"}, "fe00::1"));
  EXPECT_TRUE(has({"::1"}, "::1"));
  EXPECT_FALSE(has({"::1"}, "127.0.0.1"));
  EXPECT_TRUE(has({"127.0.0.1"}, "::ffff:127.0.0.1"));
  EXPECT_TRUE(has_unix({"unix"}));
  EXPECT_FALSE(has_unix({"0.0.0.0/0", "::/0"}));
}

TEST(TrustedPeers, AreWellFormed) {
  for (const char* bad : {"", "Unix", "localhost", "10.0.0.0/33", "10.0.0/8", "::/129", "1.2.3.4/",
                          "1.2.3.4/x", "/8", "::1/"}) {
    EXPECT_FALSE(TrustedPeers::parse({bad}).ok()) << bad;
  }
}

}  // namespace
}  // namespace kpi::server
