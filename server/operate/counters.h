// What one io thread counts. Written by that thread alone, read by any: relaxed atomics without
// read-modify-write, so counting costs a load and a store.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/admission/token_gate.h"
#include "server/dialect/dialect.h"

namespace kpi::server {

class Counter {
 public:
  void add(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t n) { add(~n + 1); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Why a report was refused before or after its dialect saw it. Counted as one event, or as the
// events that were to be committed.
enum class Refusal : std::uint8_t {
  kOverload,  // A bound of events in flight or of body memory.
  kNotReady,  // Starting, closing or failed.
  kCommitFailed,
  kBodyTooLarge,
  kLengthRequired,
  kIncomplete,  // The body did not come in time, or the client went away.
  kDiskFull,    // Too little space on the data disk.
  kTokenMissing,
  kTokenExpired,
  kTokenForged,
  kTokenUsed,
  kRateSender,
  kRateRp,
  kRateTotal,
  kDuplicate,  // Stored before, under the same key: answered as it was then.
  kKeyReused,  // Its key came before, with another request.
  kBadKey,
};
inline constexpr std::size_t kRefusalCount = static_cast<std::size_t>(Refusal::kBadKey) + 1;
std::string_view to_string(Refusal refusal);

// From the bytes of a report to the decision that it is refused: bucket i counts times under
// kRefusalMicrosFirst << i, the last one all others.
inline constexpr std::uint64_t kRefusalMicrosFirst = 10;
inline constexpr std::size_t kRefusalBucketCount = 16;

// Statuses this server answers with; others would be counted in the last row, "other".
inline constexpr std::array<std::uint16_t, 24> kStatuses = {200, 201, 204, 400, 403, 404, 405, 406,
                                                            408, 409, 410, 411, 413, 414, 415, 417,
                                                            422, 429, 431, 500, 501, 503, 504, 505};

struct alignas(64) Counters {
  std::array<Counter, kSpeechNames.size()> accepted;  // By Speech.
  std::array<Counter, kReasonCount> rejected;         // By Reason.
  std::array<Counter, kRefusalCount> refused;         // By Refusal.
  std::array<Counter, kRefusalBucketCount> refusal_buckets;
  Counter refusal_micros_sum;
  Counter foreign, unknown_fields, ignored_steps;
  std::array<Counter, kStatuses.size() + 1> responses;  // By kStatuses.
  Counter connections_accepted, connections_open;
  Counter events_in_flight, requests_in_flight;
  Counter received_bytes, timeouts;
  Counter queries, query_errors, query_micros_sum;
  Counter answers_dropped;
  Counter record_reads, streams_cut;
  Counter logins_failed;
  Counter proxy_headers_refused;
  std::array<Counter, kTokenResultCount> tokens;  // By TokenResult.
  Counter tokens_minted;

  void count_response(std::uint16_t status);
  void count_refusal_time(std::uint64_t micros);
};

}  // namespace kpi::server
