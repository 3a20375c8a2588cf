// Threat "header spoofing": only what trusted proxies have written is believed.
#include "server/http/sender.h"

#include <gtest/gtest.h>

#include "server/http/proxy_header.h"

namespace kpi::server {
namespace {

SenderAddress at(const char* text) { return parse_address(text).value(); }

SenderAddress sender(const std::vector<std::string>& trusted, const char* peer,
                     const std::vector<const char*>& lines) {
  ForwardedLines forwarded;
  for (const char* line : lines) forwarded.add(line);
  return sender_of(TrustedPeers::parse(trusted).value(), *peer == 0 ? kUnknownSender : at(peer),
                   forwarded);
}

TEST(Sender, NetworksAreOfFixedWidth) {
  EXPECT_EQ(network_of(at("1.2.3.4")), network_of(at("1.2.3.255")));
  const SenderAddress v4 = at("1.2.3.4"), other = at("1.2.4.4");
  EXPECT_NE(network_of(v4), network_of(other));
  const SenderAddress a = at("2001:db8:1:2ff::1"), b = at("2001:db8:1:200:5::"),
                      c = at("2001:db8:1:300::1");
  EXPECT_EQ(network_of(a), network_of(b));
  EXPECT_NE(network_of(a), network_of(c));
}

TEST(Sender, NobodyIsBelievedUnlessTrusted) {
  EXPECT_EQ(sender({}, "9.9.9.9", {"1.1.1.1"}), at("9.9.9.9"));
  EXPECT_EQ(sender({"10.0.0.0/8"}, "9.9.9.9", {"1.1.1.1"}), at("9.9.9.9"));
  EXPECT_EQ(sender({"10.0.0.0/8"}, "10.1.2.3", {"1.1.1.1"}), at("1.1.1.1"));
  EXPECT_EQ(sender({"10.0.0.0/8"}, "11.0.0.0", {"1.1.1.1"}), at("11.0.0.0"));
  EXPECT_EQ(sender({"unix"}, "", {"1.1.1.1"}), at("1.1.1.1"));
  EXPECT_EQ(sender({"10.0.0.0/8"}, "", {"1.1.1.1"}), kUnknownSender);
  EXPECT_EQ(sender({"2001:db8::/33"}, "2001:db8:7fff::1", {"1.1.1.1"}), at("1.1.1.1"));
  EXPECT_EQ(sender({"2001:db8::/33"}, "2001:db8:8000::1", {"1.1.1.1"}), at("2001:db8:8000::1"));
}

TEST(Sender, WalksFromTheRightOverAllLines) {
  const std::vector<std::string> trusted = {"10.0.0.0/8", "192.168.1.1"};
  // What the client made up stands on the left, on its own line or not.
  EXPECT_EQ(sender(trusted, "10.0.0.1", {"6.6.6.6", "1.2.3.4"}), at("1.2.3.4"));
  EXPECT_EQ(sender(trusted, "10.0.0.1", {"6.6.6.6, 1.2.3.4"}), at("1.2.3.4"));
  EXPECT_EQ(sender(trusted, "10.0.0.1", {"6.6.6.6", "1.2.3.4, 192.168.1.1", "10.0.0.7"}),
            at("1.2.3.4"));
  EXPECT_EQ(sender(trusted, "10.0.0.1", {"10.0.0.9"}), at("10.0.0.9"));
  EXPECT_EQ(sender(trusted, "10.0.0.1", {}), at("10.0.0.1"));
}

TEST(Sender, WhatIsNoAddressEndsTheWalk) {
  const std::vector<std::string> trusted = {"10.0.0.0/8"};
  for (const char* odd : {"1.2.3.4, unknown", "1.2.3.4,", "1.2.3.4, 1.2.3", "1.2.3.4, _x", "[::1",
                          "1.2.3.4, 01.2.3.4444444444444444444444444444444444444444444444"}) {
    EXPECT_EQ(sender(trusted, "10.0.0.1", {odd}), at("10.0.0.1")) << odd;
  }
  EXPECT_EQ(sender(trusted, "10.0.0.1", {"1.2.3.4:80"}), at("1.2.3.4"));
  EXPECT_EQ(sender(trusted, "10.0.0.1", {"[2001:db8::1]:80"}), at("2001:db8::1"));
  EXPECT_EQ(sender(trusted, "10.0.0.1", {" 2001:db8::1\t"}), at("2001:db8::1"));
}

TEST(Sender, TheWalkIsBounded) {
  std::string hops = "1.2.3.4";
  for (std::size_t i = 1; i < kForwardedHopsMax; ++i) hops += ",10.0.0.2";
  EXPECT_EQ(sender({"10.0.0.0/8"}, "10.0.0.1", {hops.c_str()}), at("1.2.3.4"));
  hops += ",10.0.0.2";
  EXPECT_EQ(sender({"10.0.0.0/8"}, "10.0.0.1", {hops.c_str()}), at("10.0.0.2"));
  const std::vector<const char*> lines(kForwardedLinesMax, "10.0.0.2");
  std::vector<const char*> more = {"1.2.3.4"};
  more.insert(more.end(), lines.begin() + 1, lines.end());
  EXPECT_EQ(sender({"10.0.0.0/8"}, "10.0.0.1", more), at("1.2.3.4"));
  more.push_back("10.0.0.2");
  EXPECT_EQ(sender({"10.0.0.0/8"}, "10.0.0.1", more), at("10.0.0.2"));
}

std::string header(unsigned char command, unsigned char family, const std::string& rest) {
  std::string text("\r\n\r\n\0\r\nQUIT\n", 12);
  text += static_cast<char>(command);
  text += static_cast<char>(family);
  text += static_cast<char>(rest.size() >> 8);
  text += static_cast<char>(rest.size() & 0xFF);
  return text + rest;
}

// Feeds it byte by byte; what is left of `text` was not read.
ProxyHeader::State feed(ProxyHeader& proxy, std::string_view& text, std::size_t step) {
  ProxyHeader::State state = ProxyHeader::State::kNeedMore;
  while (state == ProxyHeader::State::kNeedMore && !text.empty()) {
    const auto space = proxy.space();
    const std::size_t n = std::min({space.size(), text.size(), step});
    std::copy_n(text.begin(), n, space.begin());
    text.remove_prefix(n);
    state = proxy.received(n);
  }
  return state;
}

const std::string kV4("\x01\x02\x03\x04\x05\x06\x07\x08\x10\x20\x00\x50", 12);

TEST(ProxyHeader, ReadsAddressesAndNotAByteMore) {
  for (const std::size_t step : {1UL, 7UL, 4096UL}) {
    ProxyHeader proxy;
    const std::string text = header(0x21, 0x11, kV4 + "\x04\x00\x01x") + "POST /";
    std::string_view left = text;
    ASSERT_EQ(feed(proxy, left, step), ProxyHeader::State::kDone);
    EXPECT_EQ(left, "POST /");
    EXPECT_EQ(proxy.source(), at("1.2.3.4"));
  }
  ProxyHeader v6;
  const SenderAddress address = at("2001:db8::1");
  const std::string text =
      header(0x21, 0x21, std::string(address.begin(), address.end()) + std::string(20, 'x'));
  std::string_view left = text;
  ASSERT_EQ(feed(v6, left, 5), ProxyHeader::State::kDone);
  EXPECT_EQ(v6.source(), address);
}

TEST(ProxyHeader, LetsTheProxySpeakForItself) {
  for (const std::string& text :
       {header(0x20, 0x00, ""), header(0x20, 0x11, kV4), header(0x21, 0x00, ""),
        header(0x21, 0x00, "tlv"), header(0x21, 0x31, std::string(216, '/'))}) {
    ProxyHeader proxy;
    std::string_view left = text;
    EXPECT_EQ(feed(proxy, left, 3), ProxyHeader::State::kDone);
    EXPECT_FALSE(proxy.source().has_value());
  }
}

TEST(ProxyHeader, RefusesEverythingElse) {
  const std::string long_one(kProxyHeaderBytesMax - kProxyFixedBytes, 'x');
  for (const std::string& text :
       {std::string("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"), std::string("POST / HTTP/1.1\r\n"),
        header(0x11, 0x11, kV4), header(0x22, 0x11, kV4), header(0x21, 0x13, kV4),
        header(0x21, 0x41, kV4), header(0x21, 0x11, kV4.substr(1)), header(0x21, 0x11, ""),
        header(0x21, 0x21, std::string(35, 'x')), header(0x21, 0x31, std::string(215, 'x')),
        header(0x21, 0x11, long_one + "x")}) {
    ProxyHeader proxy;
    std::string_view left = text;
    EXPECT_EQ(feed(proxy, left, 1), ProxyHeader::State::kMalformed) << text;
  }
  ProxyHeader longest;
  const std::string text = header(0x21, 0x11, long_one);
  std::string_view left = text;
  EXPECT_EQ(feed(longest, left, 100), ProxyHeader::State::kDone);
}

}  // namespace
}  // namespace kpi::server
