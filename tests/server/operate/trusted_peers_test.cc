// Whom request IDs and senders' addresses are believed from: exactly the networks that are named.
#include "server/operate/trusted_peers.h"

#include <gtest/gtest.h>

namespace kpi::server {
namespace {

bool has(const std::vector<std::string>& texts, const char* peer) {
  return TrustedPeers::parse(texts).value().has(parse_address(peer).value());
}

bool has_unix(const std::vector<std::string>& texts) {
  return TrustedPeers::parse(texts).value().has(kUnknownSender);
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
  EXPECT_TRUE(has({"::ffff:127.0.0.1"}, "127.0.0.1"));
  EXPECT_TRUE(has({"::/0"}, "::2"));
  EXPECT_FALSE(has({"::/0"}, "10.0.0.1")) << "IPv4 is no part of it";
  EXPECT_FALSE(has({"::/0"}, "::ffff:10.0.0.1"));
  EXPECT_TRUE(has_unix({"unix"}));
  EXPECT_FALSE(has_unix({"0.0.0.0/0", "::/0"}));
}

TEST(TrustedPeers, AreWellFormed) {
  for (const char* bad : {"", "Unix", "localhost", "10.0.0.0/33", "10.0.0/8", "::/129", "1.2.3.4/",
                          "1.2.3.4/x", "/8", "::1/", "10.0.0.0/-1", "10.0.0.0/8x"}) {
    EXPECT_FALSE(TrustedPeers::parse({bad}).ok()) << bad;
  }
}

}  // namespace
}  // namespace kpi::server
