// Tokens: short texts that say "whoever sends this was given it by us, not long ago".
//   version (1) | key id (4) | expiry, Unix seconds (8) | nonce (16) | HMAC-SHA-256 of these (32)
// big-endian, in Base64 for URLs (RFC 4648, section 5) without padding.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/token_keys.h"

namespace kpi::auth {

inline constexpr std::size_t kTokenNonceBytes = 16;
inline constexpr std::size_t kTokenBytes = 61;
inline constexpr std::size_t kTokenTextBytes = 82;
using TokenNonce = std::array<unsigned char, kTokenNonceBytes>;

enum class TokenState : std::uint8_t {
  kValid,
  kExpired,  // Signed by us, too late.
  kForged,   // No token, or signed with no key that is in force.
};
struct TokenCheck {
  TokenState state = TokenState::kForged;
  TokenNonce nonce{};          // Of kValid and kExpired.
  std::int64_t expires_s = 0;  // Likewise.
};

// Signs and verifies with one set of keys. Keeps a keyed context for each, so that a token costs
// one short HMAC. Not thread-safe.
class TokenSigner {
 public:
  explicit TokenSigner(const TokenKeys& keys);  // Requires at least one.
  ~TokenSigner();
  TokenSigner(TokenSigner&&) noexcept;
  TokenSigner& operator=(TokenSigner&&) noexcept;

  std::string mint(std::int64_t expires_s);
  // Valid up to and with its second of expiry. Signatures are compared in constant time.
  TokenCheck check(std::string_view text, std::int64_t now_s);

 private:
  struct Key;
  std::vector<Key> keys_;
};

}  // namespace kpi::auth
