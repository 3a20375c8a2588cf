#include "server/operate/counters.h"

#include <algorithm>

namespace kpi::server {

std::string_view to_string(Refusal refusal) {
  constexpr std::string_view kNames[kRefusalCount] = {
      "overload",   "not_ready",   "commit_failed", "body_too_large", "length_required",
      "incomplete", "disk_full",   "token_missing", "token_expired",  "token_forged",
      "token_used", "rate_sender", "rate_rp",       "rate_total",     "duplicate",
      "key_reused", "bad_key"};
  return kNames[static_cast<std::size_t>(refusal)];
}

void Counters::count_refusal_time(std::uint64_t micros) {
  std::size_t bucket = 0;
  while (bucket + 1 < kRefusalBucketCount && micros >= kRefusalMicrosFirst << bucket) ++bucket;
  refusal_buckets[bucket].add(1);
  refusal_micros_sum.add(micros);
}

void Counters::count_response(std::uint16_t status) {
  const auto* row = std::lower_bound(kStatuses.begin(), kStatuses.end(), status);
  const bool known = row != kStatuses.end() && *row == status;
  responses[known ? static_cast<std::size_t>(row - kStatuses.begin()) : kStatuses.size()].add(1);
}

}  // namespace kpi::server
