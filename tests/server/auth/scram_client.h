// The client's side of SCRAM-SHA-256, for tests of the server's.
#pragma once
#include <string>
#include <string_view>

#include "server/auth/base64.h"
#include "server/auth/crypto.h"

namespace kpi::auth {

struct ScramClient {
  std::string password;
  std::string header = "n,,";  // GS2.
  std::string end_point = {};  // Of -PLUS.
  std::string bare = "n=,r=rOprNGfwEbeRWgbNEkqO";

  std::string first() const { return header + bare; }

  // With the proof for what the server said first.
  std::string final(const std::string& server_first) const {
    const std::size_t salt_at = server_first.find(",s=") + 3;
    const std::size_t count_at = server_first.find(",i=");
    const std::string salt = *from_base64(server_first.substr(salt_at, count_at - salt_at));
    const auto iterations =
        static_cast<std::uint32_t>(std::stoul(server_first.substr(count_at + 3)));
    const std::string without_proof =
        "c=" + to_base64(header + end_point) + "," + server_first.substr(0, server_first.find(','));
    const Digest salted = pbkdf2_sha256(password, salt, iterations);
    const Digest key = hmac_sha256(bytes_of(salted), "Client Key");
    const Digest stored = sha256(bytes_of(key));
    const Digest signature =
        hmac_sha256(bytes_of(stored), bare + "," + server_first + "," + without_proof);
    std::string proof;
    for (std::size_t i = 0; i < kDigestBytes; ++i) {
      proof += static_cast<char>(key[i] ^ signature[i]);
    }
    return without_proof + ",p=" + to_base64(proof);
  }
};

}  // namespace kpi::auth
