#include "server/auth/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <memory>

#include "kpi/assert.h"

namespace kpi::auth {
namespace {

template <auto free_function>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    free_function(pointer);
  }
};
using Mac = std::unique_ptr<EVP_MAC, Free<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Free<EVP_MAC_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Free<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Free<EVP_KDF_CTX_free>>;

char kSha256Name[] = "SHA256";  // OSSL_PARAM wants pointers to non-const.

const unsigned char* data_of(std::string_view bytes) {
  static constexpr unsigned char kNothing = 0;  // An empty view may point nowhere.
  return bytes.empty() ? &kNothing : reinterpret_cast<const unsigned char*>(bytes.data());
}

void* param_of(std::string_view bytes) { return const_cast<unsigned char*>(data_of(bytes)); }

}  // namespace

Digest sha256(std::string_view bytes) {
  Digest digest{};
  KPI_ASSERT(
      EVP_Digest(data_of(bytes), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  static const Mac kMac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  KPI_ASSERT(kMac != nullptr);
  const MacContext context(EVP_MAC_CTX_new(kMac.get()));
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, kSha256Name, 0),
      OSSL_PARAM_construct_end()};
  Digest digest{};
  std::size_t size = 0;
  KPI_ASSERT(context != nullptr &&
             EVP_MAC_init(context.get(), data_of(key), key.size(), params) == 1 &&
             EVP_MAC_update(context.get(), data_of(bytes), bytes.size()) == 1 &&
             EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) == 1 &&
             size == digest.size());
  return digest;
}

Digest pbkdf2_sha256(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  static const Kdf kKdf(EVP_KDF_fetch(nullptr, "PBKDF2", nullptr));
  KPI_ASSERT(kKdf != nullptr && iterations > 0);
  const KdfContext context(EVP_KDF_CTX_new(kKdf.get()));
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, param_of(password),
                                        password.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, param_of(salt), salt.size()),
      OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &iterations),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, kSha256Name, 0),
      OSSL_PARAM_construct_end()};
  Digest digest{};
  KPI_ASSERT(context != nullptr &&
             EVP_KDF_derive(context.get(), digest.data(), digest.size(), params) == 1);
  return digest;
}

bool equal_secrets(const Digest& a, const Digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  KPI_ASSERT(RAND_priv_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
                             static_cast<int>(count)) == 1);
  return bytes;
}

void wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace kpi::auth
