// What the HTTP layer is told, and what its io threads share.
#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "server/admission/rate_gate.h"
#include "server/admission/sender_slots.h"
#include "server/admission/token_gate.h"
#include "server/auth/gate.h"
#include "server/auth/statement_slots.h"
#include "server/dialect/dialect.h"
#include "server/http/body_pool.h"
#include "server/http/key_claim.h"
#include "server/http/query_pool.h"
#include "server/http/records.h"
#include "server/http/router.h"
#include "server/http/sender.h"
#include "server/operate/health.h"
#include "server/operate/trusted_peers.h"

namespace kpi::server {

struct HttpOptions {
  DialectOptions dialect;
  TrustedPeers request_id_peers;  // Whose request IDs are believed.
  std::string request_id_header = "X-Request-ID";
  auth::Gate* gate = nullptr;             // nullptr: no users. Outlives the server.
  auth::StatementSlots* slots = nullptr;  // nullptr: as many as may wait. Likewise.
  TokenGate* tokens = nullptr;            // nullptr: no tokens. Likewise.
  TrustedPeers trusted_proxies;           // Whose word on addresses counts.
  RateOptions rates;
  bool keep_trust = false;                  // Label `trust` is stored with each event.
  std::size_t header_bytes_max = 8U << 10;  // Below kReadBufferBytes.
  std::size_t body_memory_bytes_max = 128U << 20;
  std::size_t answer_memory_bytes_max = 64U << 20;  // Answers that clients have not taken yet.
  std::size_t connections_max = 8192;
  std::size_t connections_per_sender = 0;          // Of one network; 0: a quarter of these.
  std::uint64_t min_group_size_reader = 1;         // Beyond 1, readers get no records.
  std::size_t streams_max = 64;                    // Live streams of records.
  std::size_t stream_bytes_max = kFollowBytesMax;  // Waiting for one of them.
  std::size_t events_in_flight_max = 1'000'000;
  std::size_t requests_in_flight_max = 65'536;  // Answers that wait for the disk cost memory, too.
  std::int64_t header_timeout_ms = 5'000;
  std::int64_t body_timeout_ms = 10'000;
  std::int64_t bulk_timeout_ms = 60'000;
  std::int64_t idle_timeout_ms = 60'000;
  std::int64_t write_timeout_ms = 10'000;
  int io_threads = 1;
  QueryPool::Options query;
};

// Proxies send again what may have been lost: a few times each. Every retry costs a look into the
// store, so they are bounded, too.
inline constexpr std::uint64_t kRetriesEach = 8;
inline RateOptions rates_of_retries(const RateOptions& rates) {
  return {rates.sender * kRetriesEach, rates.rp * kRetriesEach, rates.total * kRetriesEach,
          rates.burst_ms};
}

inline std::size_t connections_per_sender(const HttpOptions& options) {
  constexpr std::size_t kSenderShare = 4;
  if (options.connections_per_sender != 0) return options.connections_per_sender;
  return std::max<std::size_t>(options.connections_max / kSenderShare, 1);
}

// One for the whole server; thread-safe as a whole.
struct HttpService {
  HttpService(HttpOptions the_options, LabelGate& the_labels, Health& the_health)
      : options(std::move(the_options)),
        labels(the_labels),
        health(the_health),
        router(options.dialect.routes),
        rates(options.rates),
        retry_rates(rates_of_retries(options.rates)),
        sender_slots(connections_per_sender(options)),
        body_budget(options.body_memory_bytes_max),
        answer_budget(options.answer_memory_bytes_max) {}

  const HttpOptions options;
  LabelGate& labels;
  Health& health;
  const Router router;
  RateGate rates, retry_rates;
  SenderSlots sender_slots;
  KeysUnderWay keys;
  MemoryBudget body_budget, answer_budget;
  DailyHash sender_hash;
  std::function<std::string()> metrics_page;  // Thread-safe; set before the first connection.
  std::atomic<QueryPool*> queries{nullptr};   // Nothing before the store is open.
  QueryRunner run_query;                      // These two are there when `queries` is.
  RecordStore records;
  std::atomic<std::size_t> streams{0};  // Of records, that are open.
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> refusals{0};  // Connections beyond the bound, to be told so.
  std::mutex drain_mutex;
  std::condition_variable drained;  // Told when the last connection has closed.
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> accepts_failed{0};
};

}  // namespace kpi::server
