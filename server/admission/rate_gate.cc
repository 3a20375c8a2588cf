#include "server/admission/rate_gate.h"

#include <xxhash.h>

#include "server/auth/crypto.h"

namespace kpi::server {
namespace {

constexpr std::size_t kKeyBytes = 192;
constexpr std::int64_t kSecondNs = 1'000'000'000, kDayNs = 86'400 * kSecondNs;

RateDecision refused(RateDecision::By by, std::int64_t wait_ns) {
  return {by, (wait_ns + kSecondNs - 1) / kSecondNs};
}

}  // namespace

RateGate::RateGate(const RateOptions& options)
    : any_(options.sender != 0 || options.rp != 0 || options.total != 0),
      total_(RateLimit::of(options.total, options.burst_ms)),
      senders_(RateLimit::of(options.sender, options.burst_ms), kRateSets),
      rps_(RateLimit::of(options.rp, options.burst_ms), kRateSets) {}

std::uint64_t RateGate::hash(std::string_view text, std::int64_t now_ns) {
  const std::int64_t day = now_ns / kDayNs;
  {
    const std::shared_lock lock(key_mutex_);
    if (day == key_day_) {
      return XXH3_64bits_withSecret(text.data(), text.size(), key_.data(), key_.size());
    }
  }
  const std::unique_lock lock(key_mutex_);
  if (day != key_day_) key_ = auth::random_bytes(kKeyBytes);
  key_day_ = day;
  return XXH3_64bits_withSecret(text.data(), text.size(), key_.data(), key_.size());
}

RateDecision RateGate::admit(std::string_view network, std::string_view rp, std::int64_t now_ns) {
  using By = RateDecision::By;
  if (!any_) return {};
  if (const auto wait = senders_.take(hash(network, now_ns), now_ns)) {
    return refused(By::kSender, wait);
  }
  if (!rp.empty()) {
    if (const auto wait = rps_.take(hash(rp, now_ns), now_ns)) return refused(By::kRp, wait);
  }
  const std::lock_guard lock(total_mutex_);
  if (const auto wait = total_.take(total_full_ns_, now_ns)) return refused(By::kTotal, wait);
  return {};
}

}  // namespace kpi::server
