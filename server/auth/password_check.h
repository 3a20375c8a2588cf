// Is this the password of that user? For HTTP, where every request brings it along: what was right
// once is remembered as a keyed hash, so that only the first request costs a derivation.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kpi/result.h"
#include "server/auth/principal.h"
#include "server/auth/users_text.h"

namespace kpi::auth {

inline constexpr std::size_t kRememberedPasswordsMax = 1024;  // Beyond, all are forgotten.
// What guessers may cost in all: about a tenth of a core. As a burst one second's worth.
inline constexpr std::uint32_t kDerivedIterationsPerSecond = 50 * kIterationsMin;

// Thread-safe.
class PasswordCheck {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  explicit PasswordCheck(Clock clock = std::chrono::steady_clock::now);

  // `users` is what is in force. `stand_in` is checked for a user that is not there, so that the
  // time taken tells nothing. Takes as long as a derivation unless remembered.
  // kPermissionDenied: wrong, or no such user. kUnavailable: too many checks at present.
  Result<Principal> check(const std::shared_ptr<const Users>& users, const Verifier& stand_in,
                          std::string_view name, std::string_view password);
  // Only what is remembered; quick.
  std::optional<Principal> recall(const std::shared_ptr<const Users>& users, std::string_view name,
                                  std::string_view password);
  std::uint64_t derivations() const;

 private:
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const;
  };
  bool afford(std::uint32_t iterations);
  Digest key_of(std::string_view name, std::string_view password) const;
  const Principal* find(const std::shared_ptr<const Users>& users, const Digest& key);

  const Clock clock_;
  const std::string secret_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Users> users_;  // Of which `remembered_` is true.
  std::unordered_map<Digest, Principal, DigestHash> remembered_;
  double budget_ = kDerivedIterationsPerSecond;  // In iterations.
  std::chrono::steady_clock::time_point budget_as_of_;
  std::uint64_t derivations_ = 0;
};

}  // namespace kpi::auth
