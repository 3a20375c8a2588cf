#include "server/pgwire/cancel_keys.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>

namespace kpi::server::pgwire {

std::optional<BackendKey> CancelKeys::add(const std::shared_ptr<Session>& session) {
  for (;;) {
    std::array<unsigned char, sizeof(BackendKey)> random;
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return std::nullopt;
    BackendKey key;
    std::memcpy(&key.process_id, random.data(), 4);
    std::memcpy(&key.secret_key, random.data() + 4, 4);
    key.process_id &= 0x7FFFFFFF;  // Clients show it as a signed number.
    if (key.process_id == 0 || sessions_.contains(key.process_id)) continue;
    sessions_.emplace(key.process_id, Entry{key.secret_key, session});
    return key;
  }
}

std::shared_ptr<Session> CancelKeys::find(const BackendKey& key) const {
  const auto entry = sessions_.find(key.process_id);
  if (entry == sessions_.end()) return nullptr;
  // In constant time: how long a refusal takes must not tell how much of a guess was right.
  if (CRYPTO_memcmp(&entry->second.secret_key, &key.secret_key, sizeof(key.secret_key)) != 0) {
    return nullptr;
  }
  return entry->second.session.lock();
}

}  // namespace kpi::server::pgwire
