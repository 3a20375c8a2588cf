#include "server/auth/token.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "kpi/assert.h"
#include "server/auth/base64.h"
#include "server/auth/crypto.h"

namespace kpi::auth {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::size_t kIdAt = 1, kExpiryAt = 5, kNonceAt = 13, kSignatureAt = 29;
static_assert(kSignatureAt + kDigestBytes == kTokenBytes);

void put_big(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::uint64_t get_big(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string url_base64(std::string_view bytes) {
  std::string text = to_base64(bytes);
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<std::string> from_url_base64(std::string_view text) {
  if (text.size() != kTokenTextBytes || text.find_first_of("+/=") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded += "==";
  return from_base64(padded);
}

}  // namespace

struct TokenSigner::Key {
  struct Free {
    void operator()(EVP_MAC_CTX* mac) const { EVP_MAC_CTX_free(mac); }
  };
  explicit Key(const TokenKey& from) : id(from.id) {
    static EVP_MAC* const kMac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    KPI_ASSERT(kMac != nullptr);
    context.reset(EVP_MAC_CTX_new(kMac));
    char name[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                 OSSL_PARAM_construct_end()};
    KPI_ASSERT(context != nullptr &&
               EVP_MAC_init(context.get(),
                            reinterpret_cast<const unsigned char*>(from.secret.data()),
                            from.secret.size(), params) == 1);
  }

  // Without a key EVP_MAC_init() begins anew with the one that is set.
  Digest sign(std::string_view bytes) {
    Digest digest{};
    std::size_t size = 0;
    KPI_ASSERT(EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1 &&
               EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size()) == 1 &&
               EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) == 1 &&
               size == digest.size());
    return digest;
  }

  std::uint32_t id;
  std::unique_ptr<EVP_MAC_CTX, Free> context;
};

TokenSigner::TokenSigner(const TokenKeys& keys) {
  KPI_ASSERT(!keys.empty());
  for (const TokenKey& key : keys) keys_.emplace_back(key);
}
TokenSigner::~TokenSigner() = default;
TokenSigner::TokenSigner(TokenSigner&&) noexcept = default;
TokenSigner& TokenSigner::operator=(TokenSigner&&) noexcept = default;

std::string TokenSigner::mint(std::int64_t expires_s) {
  Key& key = keys_.back();
  std::string bytes(1, static_cast<char>(kVersion));
  put_big(bytes, key.id, 4);
  put_big(bytes, static_cast<std::uint64_t>(expires_s), 8);
  bytes += random_bytes(kTokenNonceBytes);
  bytes += bytes_of(key.sign(bytes));
  return url_base64(bytes);
}

TokenCheck TokenSigner::check(std::string_view text, std::int64_t now_s) {
  TokenCheck check;
  const auto decoded = from_url_base64(text);
  if (!decoded || static_cast<unsigned char>(decoded->front()) != kVersion) return check;
  const std::string_view bytes = *decoded;
  const auto id = static_cast<std::uint32_t>(get_big(bytes.substr(kIdAt, 4)));
  const auto key =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& each) { return each.id == id; });
  if (key == keys_.end()) return check;
  Digest signature;
  std::memcpy(signature.data(), bytes.data() + kSignatureAt, signature.size());
  if (!equal_secrets(signature, key->sign(bytes.substr(0, kSignatureAt)))) return check;
  std::memcpy(check.nonce.data(), bytes.data() + kNonceAt, kTokenNonceBytes);
  check.expires_s = static_cast<std::int64_t>(get_big(bytes.substr(kExpiryAt, 8)));
  check.state = now_s <= check.expires_s ? TokenState::kValid : TokenState::kExpired;
  return check;
}

}  // namespace kpi::auth
