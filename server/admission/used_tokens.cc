#include "server/admission/used_tokens.h"

#include <cstring>

namespace kpi::server {

UsedTokens::Id UsedTokens::id_of(const auth::TokenNonce& nonce) {
  Id id = 0;
  std::memcpy(&id, nonce.data(), sizeof id);
  return id;
}

bool UsedTokens::contains(const auth::TokenNonce& nonce) const {
  const std::lock_guard lock(mutex_);
  return ids_.contains(id_of(nonce));
}

UsedTokens::Take UsedTokens::take(const auth::TokenCheck& token, std::int64_t now_s) {
  const Id id = id_of(token.nonce);
  const std::lock_guard lock(mutex_);
  while (!order_.empty() && order_.front().expires_s < now_s) {
    ids_.erase(order_.front().id);
    order_.pop_front();
  }
  if (ids_.contains(id)) return Take::kUsed;
  if (order_.size() >= tokens_max_) return Take::kFull;
  ids_.insert(id);
  order_.push_back({token.expires_s, id});
  return Take::kFirst;
}

void UsedTokens::give_back(const auth::TokenNonce& nonce) {
  const std::lock_guard lock(mutex_);
  ids_.erase(id_of(nonce));
}

std::size_t UsedTokens::size() const {
  const std::lock_guard lock(mutex_);
  return ids_.size();
}

}  // namespace kpi::server
