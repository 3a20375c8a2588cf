// Which tokens have been used: those that have not expired yet, in bounded memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <unordered_set>

#include "server/auth/token.h"

namespace kpi::server {

inline constexpr std::size_t kUsedTokensMax = 1U << 20;

// Thread-safe.
class UsedTokens {
 public:
  explicit UsedTokens(std::size_t tokens_max = kUsedTokensMax) : tokens_max_(tokens_max) {}

  enum class Take : std::uint8_t { kFirst, kUsed, kFull };
  bool contains(const auth::TokenNonce& nonce) const;
  // kFirst: it is used from now on. kFull: as many as fit have been used and not expired; none of
  // them is forgotten for this one.
  Take take(const auth::TokenCheck& token, std::int64_t now_s);
  void give_back(const auth::TokenNonce& nonce);  // It bought nothing after all.
  std::size_t size() const;

 private:
  // Half of a nonce is random enough to stand for it.
  using Id = std::uint64_t;
  static Id id_of(const auth::TokenNonce& nonce);
  struct Entry {
    std::int64_t expires_s = 0;
    Id id = 0;
  };

  const std::size_t tokens_max_;
  mutable std::mutex mutex_;
  std::unordered_set<Id> ids_;
  std::deque<Entry> order_;  // As they were taken.
};

}  // namespace kpi::server
