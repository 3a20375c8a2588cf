#include "server/auth/verifier.h"

#include <gtest/gtest.h>

#include "server/auth/base64.h"

namespace kpi::auth {
namespace {

// As PostgreSQL 15 and libpq's PQencryptPasswordConn spell the password "pencil" with RFC 7677's
// salt.
const std::string kPencil =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

TEST(Verifier, IsPostgresqls) {
  const Verifier made = make_verifier("pencil", *from_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  EXPECT_EQ(verifier_text(made), kPencil);
  const auto parsed = parse_verifier(kPencil);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value(), made);
}

TEST(Verifier, MatchesItsPasswordOnly) {
  const Verifier verifier = parse_verifier(kPencil).value();
  EXPECT_TRUE(matches(verifier, "pencil"));
  for (const char* wrong : {"", "Pencil", "pencil ", "penci", "pencils"}) {
    EXPECT_FALSE(matches(verifier, wrong)) << wrong;
  }
}

std::string with(std::string_view iterations, std::size_t salt_bytes, std::size_t key_bytes = 32) {
  return "SCRAM-SHA-256$" + std::string(iterations) + ":" +
         to_base64(std::string(salt_bytes, 's')) + "$" + to_base64(std::string(key_bytes, 'k')) +
         ":" + to_base64(std::string(32, 'k'));
}

TEST(Verifier, LimitsAndBeyond) {
  EXPECT_TRUE(parse_verifier(with("4096", kSaltBytesMin)).ok());
  EXPECT_TRUE(parse_verifier(with("600000", kSaltBytesMax)).ok());
  EXPECT_FALSE(parse_verifier(with("4095", 16)).ok());
  EXPECT_FALSE(parse_verifier(with("600001", 16)).ok());
  EXPECT_FALSE(parse_verifier(with("4096", kSaltBytesMin - 1)).ok());
  EXPECT_FALSE(parse_verifier(with("4096", kSaltBytesMax + 1)).ok());
  EXPECT_FALSE(parse_verifier(with("4096", 16, 31)).ok());
  EXPECT_FALSE(parse_verifier(with("4096", 16, 33)).ok());
}

TEST(Verifier, RefusesTheMalformedWithoutRepeatingIt) {
  for (const std::string& text :
       {std::string(), std::string("md5abcdef"), std::string("SCRAM-SHA-256"),
        std::string("SCRAM-SHA-256$"), std::string("SCRAM-SHA-1$4096:c2FsdA==$a:b"),
        with("-4096", 16), with("4096x", 16), with("99999999999999999999", 16), with("", 16),
        with("4096", 16) + "=", with("4096", 16) + ":x", with("4096", 16).substr(0, 40)}) {
    const auto parsed = parse_verifier(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().message.find(to_base64(std::string(16, 's'))), std::string::npos);
  }
}

}  // namespace
}  // namespace kpi::auth
