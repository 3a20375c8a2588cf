// The few primitives that authentication needs, over OpenSSL. Thread-safe.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace kpi::auth {

inline constexpr std::size_t kDigestBytes = 32;
using Digest = std::array<unsigned char, kDigestBytes>;  // Of SHA-256.

inline std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
// PBKDF2 with HMAC-SHA-256; about half a millisecond per 1,000 iterations. Requires iterations > 0.
Digest pbkdf2_sha256(std::string_view password, std::string_view salt, std::uint32_t iterations);
// Takes as long whatever is in them.
bool equal_secrets(const Digest& a, const Digest& b);
// From the system's generator for secrets. Ends the process where there is none: no key is better
// than one that is guessed.
std::string random_bytes(std::size_t count);
// Overwrites a secret that is no longer needed.
void wipe(std::string& secret);

}  // namespace kpi::auth
