// What the query socket counts, for /metrics. Written by any of its threads, read by any.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "server/pgwire/message_run.h"
#include "server/pgwire/meter.h"

namespace kpi::server::pgwire {

inline constexpr std::size_t kQueryOutcomeCount = 4;
inline constexpr std::array<const char*, kQueryOutcomeCount> kQueryOutcomeNames = {
    "ok", "error", "canceled", "timeout"};  // By QueryOutcome.

struct QueryCounters {
  std::atomic<std::uint64_t> connections_accepted{0}, connections_refused{0}, connections_open{0};
  std::atomic<std::uint64_t> strangers_evicted{0};  // Before their login, for want of room.
  std::shared_ptr<Meter> follows = std::make_shared<Meter>(0);  // Statements that follow just now.
  std::atomic<std::uint64_t> cancel_requests{0}, protocol_errors{0}, logins_failed{0};
  std::array<std::atomic<std::uint64_t>, kQueryOutcomeCount> queries{};  // Query messages.
  std::atomic<std::uint64_t> query_micros_sum{0};  // From the message read to its last byte handed
                                                   // to the socket.
  std::atomic<std::uint64_t> rows_sent{0}, bytes_sent{0};
};

}  // namespace kpi::server::pgwire
