#include "server/operate/endpoint.h"

#include <gtest/gtest.h>

namespace kpi::server {
namespace {

TEST(Endpoint, TcpAddressesOfBothFamilies) {
  const auto v4 = parse_endpoint("127.0.0.1:8090");
  ASSERT_TRUE(v4.ok());
  EXPECT_EQ(v4.value().host, "127.0.0.1");
  EXPECT_EQ(v4.value().port, 8090);
  EXPECT_TRUE(v4.value().is_loopback());
  const auto v6 = parse_endpoint("[::1]:0");
  ASSERT_TRUE(v6.ok());
  EXPECT_EQ(v6.value().host, "::1");
  EXPECT_TRUE(v6.value().is_loopback());
  EXPECT_EQ(parse_endpoint("localhost:0").value().host, "127.0.0.1");
  EXPECT_FALSE(parse_endpoint("0.0.0.0:80").value().is_loopback());
  EXPECT_FALSE(parse_endpoint("[::]:80").value().is_loopback());
}

TEST(Endpoint, UnixPathsUpToWhatTheSystemTakes) {
  const auto endpoint = parse_endpoint("unix:/run/kpi.sock");
  ASSERT_TRUE(endpoint.ok());
  EXPECT_EQ(endpoint.value().path, "/run/kpi.sock");
  EXPECT_TRUE(endpoint.value().is_loopback());
  EXPECT_TRUE(parse_endpoint("unix:" + std::string(107, 'p')).ok());
  EXPECT_FALSE(parse_endpoint("unix:" + std::string(108, 'p')).ok());
}

TEST(Endpoint, SaysWhatIsWrong) {
  for (const char* text : {"", "8090", "localhost.example:80", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:80x", "127.0.0.1:-1", "unix:", "1.2.3:80"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_FALSE(endpoint.ok()) << text;
    EXPECT_EQ(endpoint.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(endpoint.error().message.find(text), std::string::npos);
  }
}

}  // namespace
}  // namespace kpi::server
