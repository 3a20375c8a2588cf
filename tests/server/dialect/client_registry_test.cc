#include "server/dialect/client_registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "kpi/limits.h"
#include "tests/support/temp_dir.h"

namespace kpi::server {
namespace {

std::string error_of(std::string_view text) {
  const auto clients = parse_clients(text, "clients");
  return clients.ok() ? "ok" : clients.error().message;
}

ErrorCode code_of(std::string_view text) {
  const auto clients = parse_clients(text, "clients");
  return clients.ok() ? ErrorCode::kNotFound : clients.error().code;
}

std::string client_with(std::size_t origins) {
  std::string line = "client";
  for (std::size_t i = 0; i < origins; ++i) line += " https://o" + std::to_string(i) + ".example";
  return line;
}

TEST(Clients, AreOnePerLine) {
  const auto clients = parse_clients(
      "# ours\n\n  one\thttps://a.example  https://b.example:8443\r\n"
      "two https://B.example:443/\n   # indented\n\xC3\xA9t\xC3\xA9 http://c.example",
      "clients");
  ASSERT_TRUE(clients.ok()) << clients.error().message;
  EXPECT_EQ(clients.value().by_id.size(), 3U);
  EXPECT_EQ(clients.value().by_id.at("one"),
            (Clients::Origins{"https://a.example", "https://b.example:8443"}));
  EXPECT_EQ(clients.value().by_id.at("two"), Clients::Origins{"https://b.example"});
  EXPECT_EQ(clients.value().all, (Clients::Origins{"http://c.example", "https://a.example",
                                                   "https://b.example", "https://b.example:8443"}));
}

TEST(Clients, OfNothingAreNone) {
  for (const char* text : {"", "\n", "#", " \t\r\n# only words\n"}) {
    EXPECT_EQ(error_of(text), "ok") << text;
  }
  EXPECT_TRUE(parse_clients("", "clients").value().by_id.empty());
}

TEST(Clients, NameWhatTheyList) {
  const auto clients = parse_clients("one https://a.example\ntwo https://b.example\n", "clients");
  ASSERT_TRUE(clients.ok());
  EXPECT_TRUE(clients.value().names("https://a.example", ""));
  EXPECT_TRUE(clients.value().names("https://a.example", "one"));
  EXPECT_FALSE(clients.value().names("https://a.example", "two"));
  EXPECT_FALSE(clients.value().names("https://a.example", "three"));
  EXPECT_FALSE(clients.value().names("https://A.example", ""));
  EXPECT_FALSE(clients.value().names("", ""));
}

TEST(Clients, AnOriginTwiceIsOne) {
  const auto clients =
      parse_clients("one https://a.example https://A.example https://a.example:443\n", "clients");
  ASSERT_TRUE(clients.ok());
  EXPECT_EQ(clients.value().by_id.at("one"), Clients::Origins{"https://a.example"});
}

TEST(Clients, ErrorsNameTheLine) {
  EXPECT_EQ(error_of("# x\none\n"), "clients:2: a client is CLIENT ORIGIN [ORIGIN ...]");
  EXPECT_EQ(error_of("one https://a.example\n\none https://b.example"),
            "clients:3: client 'one' is there twice");
  for (const char* origin : {"null", "a.example", "ftp://a.example", "https://", "https://a b",
                             "https://a.example:99999", "javascript:1"}) {
    EXPECT_EQ(code_of("one " + std::string(origin)), ErrorCode::kInvalidArgument) << origin;
  }
  EXPECT_EQ(error_of("one https://a.example null"),
            "clients:1: 'null' is no origin such as https://rp.example");
}

TEST(Clients, HaveLimits) {
  const std::string origin = " https://a.example\n";
  EXPECT_EQ(error_of(std::string(kClientBytesMax, 'c') + origin), "ok");
  EXPECT_EQ(error_of(std::string(kClientBytesMax + 1, 'c') + origin),
            "clients:1: the client is too long");
  EXPECT_EQ(error_of(client_with(kClientOriginsMax)), "ok");
  EXPECT_EQ(code_of(client_with(kClientOriginsMax + 1)), ErrorCode::kLimitExceeded);
  std::string many;
  for (std::size_t i = 0; i < kClientsMax; ++i) many += std::to_string(i) + origin;
  EXPECT_EQ(error_of(many), "ok");
  EXPECT_EQ(code_of(many + "more" + origin), ErrorCode::kLimitExceeded);
}

class ClientRegistryFile : public testing::Test {
 protected:
  void write(const std::string& text) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << text;
  }
  const TempDir dir_;
  const std::string path_ = (dir_.path() / "clients").string();
};

TEST_F(ClientRegistryFile, IsReadAgainAsAWhole) {
  write("one https://a.example\n");
  const auto opened = ClientRegistry::open(path_);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  ClientRegistry& registry = *opened.value();
  const auto before = registry.clients();
  write("one https://a.example\ntwo https://b.example\n");
  EXPECT_FALSE(registry.clients()->names("https://b.example", "two"));
  ASSERT_TRUE(registry.reload().ok());
  EXPECT_TRUE(registry.clients()->names("https://b.example", "two"));
  EXPECT_FALSE(before->names("https://b.example", "two"));  // Who holds it keeps it.
  write("three https://c.example\nbroken\n");
  const Status broken = registry.reload();
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().message, path_ + ":2: a client is CLIENT ORIGIN [ORIGIN ...]");
  EXPECT_TRUE(registry.clients()->names("https://b.example", "two"));
  EXPECT_FALSE(registry.clients()->names("https://c.example", "three"));
  write("");  // As of somebody who writes it anew.
  EXPECT_EQ(registry.reload().error().message, path_ + ": names no client any more");
  EXPECT_TRUE(registry.clients()->names("https://a.example", "one"));
  std::filesystem::remove(path_);
  EXPECT_EQ(registry.reload().error().code, ErrorCode::kIo);
  EXPECT_TRUE(registry.clients()->names("https://a.example", "one"));
}

TEST_F(ClientRegistryFile, MustBeThereAndOfASizeToRead) {
  EXPECT_EQ(ClientRegistry::open(path_).error().code, ErrorCode::kIo);
  std::string text(kClientsFileBytesMax, '#');
  write(text);
  EXPECT_TRUE(ClientRegistry::open(path_).ok());
  write(text + "#");
  EXPECT_EQ(ClientRegistry::open(path_).error().code, ErrorCode::kLimitExceeded);
  EXPECT_FALSE(ClientRegistry::open(dir_.path().string()).ok());  // A directory.
}

}  // namespace
}  // namespace kpi::server
