#include "tools/kpi_load/options.h"

#include <gtest/gtest.h>

#include "tools/kpi_load/connection.h"
#include "tools/kpi_load/request.h"

namespace kpi::load {
namespace {

TEST(Mix, NamesFormsAndShares) {
  const auto mix = parse_mix("fedcm=30,ndjson=0.5,chrome");
  ASSERT_TRUE(mix.ok());
  ASSERT_EQ(mix.value().size(), 3U);
  EXPECT_EQ(mix.value()[1].form, Form::kNdjson);
  EXPECT_EQ(mix.value()[1].weight, 0.5);
  EXPECT_EQ(parse_mix("all").value().size(), 5U);
}

TEST(Mix, SaysWhatIsWrong) {
  for (const char* wrong : {"", "smoke", "fedcm=", "fedcm=0", "fedcm=-1", "fedcm=1x", "fedcm,,"}) {
    EXPECT_FALSE(parse_mix(wrong).ok()) << wrong;
  }
}

TEST(EndpointText, TakesAddressesAndPaths) {
  for (const char* right : {"127.0.0.1:1", "localhost:65535", "[::1]:80", "unix:/tmp/a.sock"}) {
    EXPECT_TRUE(parse_endpoint(right).ok()) << right;
  }
  const std::string longest = "unix:" + std::string(107, 'a');
  EXPECT_TRUE(parse_endpoint(longest).ok());
  EXPECT_FALSE(parse_endpoint(longest + 'a').ok());
  for (const char* wrong : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
                            "127.0.0.1:1x", "nowhere:1", "unix:"}) {
    EXPECT_FALSE(parse_endpoint(wrong).ok()) << wrong;
  }
}

TEST(RequestHead, HasTheLengthAndTheSendersHeaders) {
  const std::string head = request_head(Form::kChrome, true, "null", 106);
  EXPECT_EQ(head.rfind("POST /metrics HTTP/1.1\r\n", 0), 0U);
  for (const char* line : {"\r\nOrigin: null\r\n", "\r\nContent-Length: 106\r\n\r\n",
                           "\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                           "\r\nSec-Fetch-Dest: webidentity\r\n"}) {
    EXPECT_NE(head.find(line), std::string::npos) << line;
  }
}

TEST(UrlEncode, LeavesOnlyPlainCharacters) {
  EXPECT_EQ(url_encode("a Z.9"), "a%20Z.9");
  EXPECT_EQ(url_encode("{\"\xC3\xBC&=+\"}"), "%7B%22%C3%BC%26%3D%2B%22%7D");
}

}  // namespace
}  // namespace kpi::load
