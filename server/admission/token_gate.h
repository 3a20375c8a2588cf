// What the server asks of tokens, the keys in force, and which tokens have been used.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "server/admission/used_tokens.h"
#include "server/auth/token.h"

namespace kpi::server {

enum class TokenMode : std::uint8_t {
  kOff,      // Not looked at.
  kCount,    // Looked at, counted, decides the trust of events; all are taken.
  kRequire,  // Without a valid one nothing is taken.
};

// What came of a request's token. Stable: to_string() is the `result` of metrics.
enum class TokenResult : std::uint8_t { kValid, kMissing, kExpired, kForged, kUsed };
inline constexpr std::size_t kTokenResultCount = static_cast<std::size_t>(TokenResult::kUsed) + 1;
constexpr std::string_view to_string(TokenResult result) {
  constexpr std::string_view kNames[] = {"valid", "missing", "expired", "forged", "used"};
  return kNames[static_cast<std::size_t>(result)];
}

// One for the whole server; thread-safe.
class TokenGate {
 public:
  struct Options {
    std::string keys_path;  // Empty: no keys, and mode kOff.
    TokenMode mode = TokenMode::kOff;
    std::int64_t lifetime_s = 600;
  };
  // Errors as auth::load_token_keys().
  static Result<std::unique_ptr<TokenGate>> open(Options options);

  const Options& options() const { return options_; }
  bool has_keys() const { return !options_.keys_path.empty(); }
  // Reads the file again. On error the old keys stay.
  Status reload();
  auth::TokenKeys keys() const;
  // Changes with every reload.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  UsedTokens& used() { return used_; }

 private:
  explicit TokenGate(Options options) : options_(std::move(options)) {}

  const Options options_;
  mutable std::mutex mutex_;
  auth::TokenKeys keys_;
  std::atomic<std::uint64_t> generation_{1};
  UsedTokens used_;
};

// One thread's way to it: its own keyed contexts. Not thread-safe.
class TokenDesk {
 public:
  // `gate`: nullptr where there is none. Outlives the desk.
  explicit TokenDesk(TokenGate* gate) : gate_(gate) {}

  TokenMode mode() const { return gate_ == nullptr ? TokenMode::kOff : gate_->options().mode; }
  bool has_keys() const { return gate_ != nullptr && gate_->has_keys(); }
  std::int64_t lifetime_s() const { return gate_->options().lifetime_s; }
  UsedTokens& used() { return gate_->used(); }

  // These two require keys. `text` empty: missing. `token` is filled in where it was ours.
  TokenResult check(std::string_view text, std::int64_t now_s, auth::TokenCheck& token);
  std::string mint(std::int64_t expires_s) { return signer().mint(expires_s); }

 private:
  auth::TokenSigner& signer();

  TokenGate* gate_;
  std::uint64_t generation_ = 0;
  std::optional<auth::TokenSigner> signer_;
};

// The value of parameter `n` in the query of a URL; empty: there is none. Tokens need no escapes.
std::string_view token_of(std::string_view query);

}  // namespace kpi::server
