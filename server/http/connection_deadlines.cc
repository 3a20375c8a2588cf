#include <algorithm>
#include <limits>

#include "server/http/connection.h"

namespace kpi::server {
namespace {

constexpr std::int64_t kLingerMs = 2'000;  // For a refused client to see its answer.
constexpr std::size_t kScarceShare = 8;    // Less than this part of the connections is free.

}  // namespace

std::int64_t Connection::timeout_ms(Wait wait) const {
  const HttpOptions& options = loop_.service.options;
  switch (wait) {
    case Wait::kIdle:
      return options.idle_timeout_ms;
    case Wait::kProxy:
    case Wait::kHeader:
      return options.header_timeout_ms;
    case Wait::kBody:
      return target_.route == Route::kBulk ? options.bulk_timeout_ms : options.body_timeout_ms;
    case Wait::kWrite:
      return options.write_timeout_ms;
    case Wait::kLinger:
      return kLingerMs;
    case Wait::kAnswer:
      break;
  }
  return std::numeric_limits<std::int64_t>::max() / 2;
}

// Deadlines are absolute: waiting on for the same thing does not move them.
void Connection::set_wait(Wait wait) {
  if (wait == wait_) return;
  wait_ = wait;
  deadline_ms_ = loop_.now_ms + timeout_ms(wait);
}

// Where connections are scarce those without a request must not keep out those who have one.
bool Connection::overstays() const {
  const HttpOptions& options = loop_.service.options;
  if (wait_ != Wait::kIdle ||
      loop_.service.connections.load(std::memory_order_relaxed) <
          options.connections_max - options.connections_max / kScarceShare) {
    return false;
  }
  return loop_.now_ms - (deadline_ms_ - options.idle_timeout_ms) >=
         std::min(options.idle_timeout_ms, options.header_timeout_ms);
}

void Connection::check_deadline() {
  if (!closed_ && overstays()) return close();
  if (loop_.now_ms < deadline_ms_ || wait_ == Wait::kAnswer || closed_) return;
  if (wait_ != Wait::kIdle) loop_.counters.timeouts.add(1);
  if (wait_ == Wait::kProxy) loop_.counters.proxy_headers_refused.add(1);
  if (stream_ && wait_ == Wait::kWrite) loop_.counters.streams_cut.add(1);
  if (wait_ != Wait::kHeader && wait_ != Wait::kBody) return close();
  count_lost_report();
  refuse(request_timeout());
  flush();
}

}  // namespace kpi::server
