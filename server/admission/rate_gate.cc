#include "server/admission/rate_gate.h"

namespace kpi::server {
namespace {

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

RateDecision RateGate::admit(std::string_view network, std::string_view rp, std::int64_t now_ns) {
  using By = RateDecision::By;
  if (!any_) return {};
  const std::int64_t day = now_ns / kDayNs;
  if (const auto wait = senders_.take(hash_(network, day), now_ns)) {
    return refused(By::kSender, wait);
  }
  if (!rp.empty()) {
    if (const auto wait = rps_.take(hash_(rp, day), now_ns)) return refused(By::kRp, wait);
  }
  const std::lock_guard lock(total_mutex_);
  if (const auto wait = total_.take(total_full_ns_, now_ns)) return refused(By::kTotal, wait);
  return {};
}

}  // namespace kpi::server
