#include "server/auth/verifier.h"

#include <algorithm>
#include <charconv>

#include "server/auth/base64.h"

namespace kpi::auth {
namespace {

constexpr std::string_view kScheme = "SCRAM-SHA-256$";

Error wrong(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message),
          "make one with kpi-admin user add, or copy rolpassword of PostgreSQL's pg_authid"};
}

// What stands before `mark`; the rest stays behind it. Nothing: there is no mark.
std::optional<std::string_view> take_until(std::string_view& text, char mark) {
  const std::size_t end = text.find(mark);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end + 1);
  return part;
}

std::optional<Digest> parse_key(std::string_view text) {
  const auto bytes = from_base64(text);
  if (!bytes || bytes->size() != kDigestBytes) return std::nullopt;
  Digest key{};
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

Digest client_key(std::string_view password, std::string_view salt, std::uint32_t iterations,
                  Digest& salted) {
  salted = pbkdf2_sha256(password, salt, iterations);
  return hmac_sha256(bytes_of(salted), "Client Key");
}

}  // namespace

Result<Verifier> parse_verifier(std::string_view text) {
  if (text.substr(0, kScheme.size()) != kScheme) {
    return wrong("a verifier begins with SCRAM-SHA-256$");
  }
  text.remove_prefix(kScheme.size());
  const auto iterations = take_until(text, ':');
  const auto salt = iterations ? take_until(text, '$') : std::nullopt;
  const auto stored = salt ? take_until(text, ':') : std::nullopt;
  if (!stored) return wrong("a verifier is SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY");
  Verifier verifier;
  const char* const end = iterations->data() + iterations->size();
  const auto number = std::from_chars(iterations->data(), end, verifier.iterations);
  if (number.ec != std::errc{} || number.ptr != end || verifier.iterations < kIterationsMin ||
      verifier.iterations > kIterationsMax) {
    return wrong("the iterations of a verifier are a number from " +
                 std::to_string(kIterationsMin) + " to " + std::to_string(kIterationsMax));
  }
  auto salt_bytes = from_base64(*salt);
  if (!salt_bytes || salt_bytes->size() < kSaltBytesMin || salt_bytes->size() > kSaltBytesMax) {
    return wrong("the salt of a verifier is base64 of " + std::to_string(kSaltBytesMin) + " to " +
                 std::to_string(kSaltBytesMax) + " bytes");
  }
  verifier.salt = std::move(*salt_bytes);
  const auto stored_key = parse_key(*stored), server_key = parse_key(text);
  if (!stored_key || !server_key) return wrong("the keys of a verifier are base64 of 32 bytes");
  verifier.stored_key = *stored_key;
  verifier.server_key = *server_key;
  return verifier;
}

std::string verifier_text(const Verifier& verifier) {
  return std::string(kScheme) + std::to_string(verifier.iterations) + ':' +
         to_base64(verifier.salt) + '$' + to_base64(bytes_of(verifier.stored_key)) + ':' +
         to_base64(bytes_of(verifier.server_key));
}

Verifier make_verifier(std::string_view password, std::string salt, std::uint32_t iterations) {
  Verifier verifier;
  Digest salted{};
  verifier.stored_key = sha256(bytes_of(client_key(password, salt, iterations, salted)));
  verifier.server_key = hmac_sha256(bytes_of(salted), "Server Key");
  verifier.iterations = iterations;
  verifier.salt = std::move(salt);
  return verifier;
}

bool matches(const Verifier& verifier, std::string_view password) {
  Digest salted{};
  const Digest key = client_key(password, verifier.salt, verifier.iterations, salted);
  return equal_secrets(sha256(bytes_of(key)), verifier.stored_key);
}

}  // namespace kpi::auth
