// How many requests with reports may come: of one sender's network, for one RP, in all. Senders are
// known by a keyed hash alone, in memory, whose key changes every day.
#pragma once
#include <cstdint>
#include <mutex>
#include <string_view>

#include "server/admission/daily_hash.h"
#include "server/admission/rate_table.h"

namespace kpi::server {

struct RateOptions {
  // Requests a second; 0: no limit.
  std::uint64_t sender = 0, rp = 0, total = 0;
  std::int64_t burst_ms = 10'000;
};

struct RateDecision {
  enum class By : std::uint8_t { kNone, kSender, kRp, kTotal };
  By by = By::kNone;  // Which limit refuses.
  std::int64_t retry_s = 0;
};

// Thread-safe.
class RateGate {
 public:
  explicit RateGate(const RateOptions& options);

  // `network`: the bytes of an address that senders of one network share. `rp`: as the request
  // names it; empty: unknown, and not limited by RP. `now_ns`: monotonic.
  RateDecision admit(std::string_view network, std::string_view rp, std::int64_t now_ns);
  bool limits_any() const { return any_; }

 private:
  const bool any_;
  const RateLimit total_;
  RateTable senders_, rps_;
  std::mutex total_mutex_;
  std::int64_t total_full_ns_ = 0;
  DailyHash hash_;
};

}  // namespace kpi::server
