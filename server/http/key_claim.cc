#include "server/http/key_claim.h"

namespace kpi::server {

KeysUnderWay::State KeysUnderWay::state(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(key);
  return found == keys_.end() ? State::kNone : found->second;
}

KeysUnderWay::State KeysUnderWay::claim(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = keys_.emplace(key, State::kJudged);
  return is_new ? State::kNone : at->second;
}

void KeysUnderWay::submitted(const std::string& key) {
  const std::lock_guard lock(mutex_);
  keys_[key] = State::kSubmitted;
}

void KeysUnderWay::release(const std::string& key) {
  const std::lock_guard lock(mutex_);
  keys_.erase(key);
}

KeyClaim& KeyClaim::operator=(KeyClaim&& from) noexcept {
  if (this == &from) return *this;
  release();
  keys_ = std::exchange(from.keys_, nullptr);
  key_ = std::move(from.key_);
  return *this;
}

KeysUnderWay::State KeyClaim::take(KeysUnderWay& keys, const std::string& key) {
  release();
  const KeysUnderWay::State state = keys.claim(key);
  if (state != KeysUnderWay::State::kNone) return state;
  keys_ = &keys;
  key_ = key;
  return state;
}

void KeyClaim::submitted() {
  if (keys_ != nullptr) keys_->submitted(key_);
}

void KeyClaim::release() {
  if (keys_ != nullptr) keys_->release(key_);
  keys_ = nullptr;
}

}  // namespace kpi::server
