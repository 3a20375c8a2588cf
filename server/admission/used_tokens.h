// Which tokens have been used: those that have not expired yet, in bounded memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <span>

#include "kpi/request_key.h"
#include "server/auth/token.h"

namespace kpi::server {

inline constexpr std::size_t kUsedTokensMax = 1U << 20;

// What the store keeps of a token that was used. Half of a nonce is random enough to stand for it.
Ticket ticket_of(const auth::TokenCheck& token);

// Thread-safe.
class UsedTokens {
 public:
  explicit UsedTokens(std::size_t tokens_max = kUsedTokensMax) : tokens_max_(tokens_max) {}

  enum class Take : std::uint8_t { kFirst, kUsed, kFull };
  bool contains(const auth::TokenCheck& token) const;
  // kFirst: it is used from now on. kFull: as many as fit have been used and not expired; none of
  // them is forgotten for this one.
  Take take(const auth::TokenCheck& token, std::int64_t now_s);
  void give_back(const auth::TokenCheck& token);  // It bought nothing after all.
  // What was used before a restart: as far as it fits, the first of them first.
  void load(std::span<const Ticket> tickets);
  std::size_t size() const;

 private:
  // By expiry, so that those go first that are worth nothing any more.
  struct Sooner {
    bool operator()(const Ticket& a, const Ticket& b) const {
      return a.expires_s != b.expires_s ? a.expires_s < b.expires_s : a.id < b.id;
    }
  };

  const std::size_t tokens_max_;
  mutable std::mutex mutex_;
  std::set<Ticket, Sooner> tickets_;
};

}  // namespace kpi::server
