// Threat "bogus submissions": a token is ours, fresh and whole, or it is nothing.
#include "server/auth/token.h"

#include <gtest/gtest.h>

#include <set>

#include "server/auth/crypto.h"

namespace kpi::auth {
namespace {

constexpr std::int64_t kNow = 1'792'454'400;

TEST(Token, IsValidUpToItsExpiry) {
  const TokenKeys keys = {new_token_key({}, kNow)};
  TokenSigner signer(keys);
  const std::string token = signer.mint(kNow + 600);
  EXPECT_EQ(token.size(), kTokenTextBytes);
  EXPECT_EQ(token.find_first_of("+/=&%? "), std::string::npos);
  EXPECT_EQ(signer.check(token, kNow).state, TokenState::kValid);
  EXPECT_EQ(signer.check(token, kNow + 600).state, TokenState::kValid);
  EXPECT_EQ(signer.check(token, kNow + 601).state, TokenState::kExpired);
  EXPECT_EQ(signer.check(token, kNow).expires_s, kNow + 600);
}

TEST(Token, EveryChangedCharacterIsForged) {
  TokenSigner signer({new_token_key({}, kNow)});
  const std::string token = signer.mint(kNow + 600);
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : std::string("AZaz09-_+/=\0 ", 13)) {
      if (token[i] == c) continue;
      std::string changed = token;
      changed[i] = c;
      EXPECT_EQ(signer.check(changed, kNow).state, TokenState::kForged) << i << " " << c;
    }
  }
  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_EQ(signer.check(token.substr(0, size), kNow).state, TokenState::kForged);
  }
  EXPECT_EQ(signer.check(token + "A", kNow).state, TokenState::kForged);
  EXPECT_EQ(signer.check(token, kNow).state, TokenState::kValid);  // Checking changes nothing.
}

TEST(Token, NoncesDiffer) {
  TokenSigner signer({new_token_key({}, kNow)});
  std::set<TokenNonce> nonces;
  for (int i = 0; i < 1000; ++i) nonces.insert(signer.check(signer.mint(kNow), kNow).nonce);
  EXPECT_EQ(nonces.size(), 1000U);
}

TEST(Token, KeysRotateWithoutAGap) {
  TokenKeys keys = {new_token_key({}, kNow)};
  const std::string by_old = TokenSigner(keys).mint(kNow + 1);
  keys.push_back(new_token_key(keys, kNow));
  TokenSigner both(keys);
  const std::string by_new = both.mint(kNow + 1);
  EXPECT_EQ(both.check(by_old, kNow).state, TokenState::kValid);
  EXPECT_EQ(both.check(by_new, kNow).state, TokenState::kValid);
  TokenSigner only_new({keys.back()}), only_old({keys.front()});
  EXPECT_EQ(only_new.check(by_old, kNow).state, TokenState::kForged);
  EXPECT_EQ(only_new.check(by_new, kNow).state, TokenState::kValid);
  EXPECT_EQ(only_old.check(by_new, kNow).state, TokenState::kForged);
}

// The format is public: whoever has the key can mint.
TEST(Token, IsWhatTheFormatSays) {
  const TokenKeys keys = {{0x01020304, kNow, std::string(kTokenKeyBytes, 'k')}};
  TokenSigner signer(keys);
  std::string bytes("\x01\x01\x02\x03\x04\0\0\0\0\x6a\xd6\xb5\x00", 13);
  bytes += std::string(kTokenNonceBytes, 'n');
  bytes += bytes_of(hmac_sha256(keys[0].secret, bytes));
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    unsigned value = 0;
    for (std::size_t i = bit; i < bit + 6; ++i) {
      const bool set = i / 8 < bytes.size() &&
                       (static_cast<unsigned char>(bytes[i / 8]) >> (7 - i % 8) & 1U) != 0;
      value = value << 1U | (set ? 1U : 0U);
    }
    text += kDigits[value];
  }
  const TokenCheck check = signer.check(text, 0x6ad6b500);
  EXPECT_EQ(check.state, TokenState::kValid);
  EXPECT_EQ(check.expires_s, 0x6ad6b500);
  EXPECT_EQ(check.nonce[0], 'n');
}

}  // namespace
}  // namespace kpi::auth
