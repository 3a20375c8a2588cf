// What is kept of a password: a SCRAM-SHA-256 verifier, spelled as PostgreSQL spells it in
// pg_authid, `SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY`, so that the two can be copied from one
// to the other.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "server/auth/crypto.h"

namespace kpi::auth {

inline constexpr std::uint32_t kIterationsMin = 4096;  // RFC 7677.
inline constexpr std::uint32_t kIterationsMax = 600'000;
inline constexpr std::size_t kSaltBytesMin = 8, kSaltBytesMax = 64, kSaltBytes = 16;
inline constexpr std::size_t kPasswordBytesMax = 1024;  // At least 1.

struct Verifier {
  std::uint32_t iterations = kIterationsMin;
  std::string salt;  // Bytes, not base64.
  Digest stored_key{}, server_key{};
  friend bool operator==(const Verifier&, const Verifier&) = default;
};

// kInvalidArgument says what is wrong with it, and never repeats any of it.
Result<Verifier> parse_verifier(std::string_view text);
std::string verifier_text(const Verifier& verifier);

// A password is taken as the bytes it is sent in: for ASCII that is what SASLprep (RFC 4013) makes
// of it, and what PostgreSQL falls back to where SASLprep refuses. Other characters must be typed
// in the composed form that clients normalise them to (NFKC), which keyboards give.
Verifier make_verifier(std::string_view password, std::string salt, std::uint32_t iterations);

// Takes as long as `iterations` say, whatever the password.
bool matches(const Verifier& verifier, std::string_view password);

}  // namespace kpi::auth
