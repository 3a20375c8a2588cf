#include "server/auth/password_check.h"

#include <algorithm>
#include <cstring>

namespace kpi::auth {

PasswordCheck::PasswordCheck(Clock clock)
    : clock_(std::move(clock)), secret_(random_bytes(kDigestBytes)), budget_as_of_(clock_()) {}

// The keys are outputs of a keyed hash: any part of one is as good as another.
std::size_t PasswordCheck::DigestHash::operator()(const Digest& digest) const {
  std::size_t value = 0;
  std::memcpy(&value, digest.data(), sizeof(value));
  return value;
}

// Requires mutex_.
bool PasswordCheck::afford(std::uint32_t iterations) {
  const auto now = clock_();
  const double passed = std::chrono::duration<double>(now - budget_as_of_).count();
  budget_as_of_ = now;
  budget_ =
      std::min<double>(budget_ + passed * kDerivedIterationsPerSecond, kDerivedIterationsPerSecond);
  // A verifier that costs more than the whole burst is paid for by the seconds after it.
  if (budget_ < std::min(iterations, kDerivedIterationsPerSecond)) return false;
  budget_ -= iterations;
  ++derivations_;
  return true;
}

// Requires mutex_. Another users file forgets everything.
const Principal* PasswordCheck::find(const std::shared_ptr<const Users>& users, const Digest& key) {
  if (users_ != users) {
    users_ = users;
    remembered_.clear();
  }
  const auto found = remembered_.find(key);
  return found == remembered_.end() ? nullptr : &found->second;
}

// Names have no zero byte: no two pairs are one text.
Digest PasswordCheck::key_of(std::string_view name, std::string_view password) const {
  std::string both = std::string(name) + '\0' + std::string(password);
  const Digest key = hmac_sha256(secret_, both);
  wipe(both);
  return key;
}

std::optional<Principal> PasswordCheck::recall(const std::shared_ptr<const Users>& users,
                                               std::string_view name, std::string_view password) {
  const Digest key = key_of(name, password);
  const std::lock_guard lock(mutex_);
  const Principal* const found = find(users, key);
  if (found == nullptr) return std::nullopt;
  return *found;
}

Result<Principal> PasswordCheck::check(const std::shared_ptr<const Users>& users,
                                       const Verifier& stand_in, std::string_view name,
                                       std::string_view password) {
  const Digest key = key_of(name, password);
  const User* const user = users->find(name);
  const bool known = user != nullptr && user->verifier;
  const Verifier& verifier = known ? *user->verifier : stand_in;
  {
    const std::lock_guard lock(mutex_);
    if (const Principal* principal = find(users, key)) return *principal;
    if (!afford(verifier.iterations)) {
      return Error{ErrorCode::kUnavailable, "too many passwords are being checked"};
    }
  }
  const bool right = matches(verifier, password);
  if (!right || !known) {
    return Error{ErrorCode::kPermissionDenied, "the user or the password is wrong"};
  }
  Principal principal{std::string(name), user->role};
  const std::lock_guard lock(mutex_);
  if (users_ == users) {
    if (remembered_.size() >= kRememberedPasswordsMax) remembered_.clear();
    remembered_.emplace(key, principal);
  }
  return principal;
}

std::uint64_t PasswordCheck::derivations() const {
  const std::lock_guard lock(mutex_);
  return derivations_;
}

}  // namespace kpi::auth
