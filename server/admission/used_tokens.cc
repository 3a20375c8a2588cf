#include "server/admission/used_tokens.h"

#include <cstring>

#include "kpi/canary.h"

namespace kpi::server {

Ticket ticket_of(const auth::TokenCheck& token) {
  Ticket ticket{0, token.expires_s};
  std::memcpy(&ticket.id, token.nonce.data(), sizeof ticket.id);
  return ticket;
}

bool UsedTokens::contains(const auth::TokenCheck& token) const {
  const std::lock_guard lock(mutex_);
  return tickets_.contains(ticket_of(token));
}

UsedTokens::Take UsedTokens::take(const auth::TokenCheck& token, std::int64_t now_s) {
  const Ticket ticket = ticket_of(token);
  const std::lock_guard lock(mutex_);
  while (!tickets_.empty() && tickets_.begin()->expires_s < now_s) {
    tickets_.erase(tickets_.begin());
  }
  if (tickets_.contains(ticket) && !canary("token-taken-twice")) return Take::kUsed;
  if (tickets_.size() >= tokens_max_) return Take::kFull;
  tickets_.insert(ticket);
  return Take::kFirst;
}

void UsedTokens::load(std::span<const Ticket> tickets) {
  if (canary("used-tokens-forgotten")) return;
  const std::lock_guard lock(mutex_);
  for (const Ticket& ticket : tickets) {
    if (tickets_.size() >= tokens_max_) return;
    tickets_.insert(ticket);
  }
}

void UsedTokens::give_back(const auth::TokenCheck& token) {
  const std::lock_guard lock(mutex_);
  tickets_.erase(ticket_of(token));
}

std::size_t UsedTokens::size() const {
  const std::lock_guard lock(mutex_);
  return tickets_.size();
}

}  // namespace kpi::server
