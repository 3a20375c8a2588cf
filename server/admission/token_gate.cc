#include "server/admission/token_gate.h"

#include <algorithm>

namespace kpi::server {

Result<std::unique_ptr<TokenGate>> TokenGate::open(Options options) {
  std::unique_ptr<TokenGate> gate(new TokenGate(std::move(options)));
  if (!gate->has_keys()) return gate;
  if (Status status = gate->reload(); !status.ok()) return std::move(status).error();
  return gate;
}

Status TokenGate::reload() {
  auto loaded = auth::load_token_keys(options_.keys_path);
  if (!loaded.ok()) return std::move(loaded).error();
  const std::lock_guard lock(mutex_);
  keys_ = std::move(loaded).value();
  generation_.fetch_add(1, std::memory_order_release);
  return ok_status();
}

auth::TokenKeys TokenGate::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

auth::TokenSigner& TokenDesk::signer() {
  const std::uint64_t generation = gate_->generation();
  if (!signer_ || generation != generation_) signer_.emplace(gate_->keys());
  generation_ = generation;
  return *signer_;
}

TokenResult TokenDesk::check(std::string_view text, std::int64_t now_s, auth::TokenCheck& token) {
  if (text.empty()) return TokenResult::kMissing;
  token = signer().check(text, now_s);
  if (token.state == auth::TokenState::kForged) return TokenResult::kForged;
  if (token.state == auth::TokenState::kExpired) return TokenResult::kExpired;
  return gate_->used().contains(token) ? TokenResult::kUsed : TokenResult::kValid;
}

std::string_view token_of(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view field = query.substr(0, end);
    if (field.substr(0, 2) == "n=") return field.substr(2);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

}  // namespace kpi::server
