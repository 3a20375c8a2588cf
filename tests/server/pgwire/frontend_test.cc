#include "server/pgwire/frontend.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/server/pgwire/wire_reader.h"

namespace kpi::server::pgwire {
namespace {

using std::string_literals::operator""s;

const std::string kParameters = "user\0alice\0database\0kpi\0\0"s;

TEST(Frontend, DecodesAStartup) {
  const std::string packet = startup_packet(kParameters);
  EXPECT_EQ(startup_packet_size(packet).value(), packet.size());
  const auto decoded = decode_startup(packet);
  ASSERT_TRUE(decoded.ok());
  const auto& startup = std::get<StartupMessage>(decoded.value());
  EXPECT_EQ(startup.parameter("user"), "alice");
  EXPECT_EQ(startup.parameter("database"), "kpi");
  EXPECT_EQ(startup.parameter("options"), "");
}

TEST(Frontend, TellsRequestsFromStartups) {
  const auto kind = [](std::uint32_t code, std::string_view rest) {
    const auto decoded = decode_startup(startup_packet(rest, code));
    return decoded.ok() ? static_cast<int>(decoded.value().index()) : -1;
  };
  EXPECT_EQ(kind(80'877'103, ""), 0);
  EXPECT_EQ(kind(80'877'104, ""), 1);
  EXPECT_EQ(kind(80'877'102, "12345678"), 2);
  EXPECT_EQ(kind(80'877'102, "1234567"), -1);
  EXPECT_EQ(kind(80'877'103, "x"), -1);
  EXPECT_EQ(decode_startup(startup_packet("", 131'072)).error().code, ErrorCode::kUnsupported);
}

TEST(Frontend, EveryTruncationOfAStartupIsIncompleteOrRefused) {
  const std::string packet = startup_packet(kParameters);
  for (std::size_t size = 0; size < packet.size(); ++size) {
    const std::string_view part = std::string_view(packet).substr(0, size);
    const auto needed = startup_packet_size(part);
    ASSERT_TRUE(needed.ok());
    EXPECT_TRUE(!needed.value() || *needed.value() > size);
    EXPECT_FALSE(decode_startup(part).ok());
    // The same with a length that claims to be whole.
    if (size >= 8) {
      EXPECT_FALSE(decode_startup(startup_packet(part.substr(8))).ok()) << size;
    }
  }
}

TEST(Frontend, LengthsHaveLimits) {
  EXPECT_FALSE(startup_packet_size(big_endian(7)).ok());
  EXPECT_TRUE(startup_packet_size(big_endian(kStartupPacketBytesMax)).ok());
  EXPECT_EQ(startup_packet_size(big_endian(kStartupPacketBytesMax + 1)).error().code,
            ErrorCode::kLimitExceeded);
  EXPECT_FALSE(message_size("Q" + big_endian(3)).ok());
  EXPECT_FALSE(message_size("Q" + big_endian(0xFFFFFFFF)).ok());
  const auto limit = static_cast<std::uint32_t>(kFrontendMessageBytesMax);
  EXPECT_EQ(message_size("Q" + big_endian(limit - 1)).value(), kFrontendMessageBytesMax);
  EXPECT_EQ(message_size("Q" + big_endian(limit)).error().code, ErrorCode::kLimitExceeded);
  std::string parameters;
  for (std::size_t i = 0; i < kStartupParametersMax; ++i) parameters += "n\0v\0"s;
  EXPECT_TRUE(decode_startup(startup_packet(parameters + '\0')).ok());
  EXPECT_EQ(decode_startup(startup_packet(parameters + "n\0v\0\0"s)).error().code,
            ErrorCode::kLimitExceeded);
}

TEST(Frontend, DecodesMessages) {
  const std::string query = query_message("SELECT 1");
  EXPECT_EQ(message_size(query).value(), query.size());
  EXPECT_EQ(decode_message(query).value().text, "SELECT 1");
  EXPECT_EQ(decode_message(frontend_message('X', "")).value().kind,
            FrontendMessage::Kind::kTerminate);
  for (const char type : {'P', 'B', 'D', 'E', 'C'}) {
    EXPECT_EQ(decode_message(frontend_message(type, "x")).value().kind,
              FrontendMessage::Kind::kExtended);
  }
  EXPECT_EQ(decode_message(frontend_message('?', "")).value().kind, FrontendMessage::Kind::kOther);
}

TEST(Frontend, QueriesWithoutTheirTerminatorAreRefused) {
  EXPECT_FALSE(decode_message(frontend_message('Q', "SELECT 1")).ok());
  EXPECT_FALSE(decode_message(frontend_message('Q', "SELECT\0 1\0"s)).ok());
  EXPECT_FALSE(decode_message(frontend_message('Q', "")).ok());
  const std::string query = query_message("SELECT 1");
  for (std::size_t size = 0; size < query.size(); ++size) {
    const std::string_view part = std::string_view(query).substr(0, size);
    const auto needed = message_size(part);
    ASSERT_TRUE(needed.ok());
    EXPECT_TRUE(!needed.value() || *needed.value() > size);
    EXPECT_FALSE(decode_message(part).ok());
  }
}

class FrontendNoise : public testing::TestWithParam<std::uint32_t> {};  // The seed.

TEST_P(FrontendNoise, AnyBytesAreDecodedOrRefused) {
  std::mt19937 random(GetParam());
  std::string bytes(random() % 64, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() : random() % 4);
  (void)startup_packet_size(bytes);
  (void)message_size(bytes);
  (void)decode_startup(bytes);
  (void)decode_startup(startup_packet(bytes));
  (void)decode_message(bytes);
  (void)decode_message(frontend_message('Q', bytes));
}
INSTANTIATE_TEST_SUITE_P(Seeds, FrontendNoise, testing::Range(0U, 300U));

}  // namespace
}  // namespace kpi::server::pgwire
