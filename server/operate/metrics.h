// The page of GET /metrics: the sum of all threads' counters, the engine's figures, the process.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kpi/engine.h"
#include "server/operate/counters.h"
#include "server/operate/health.h"

namespace kpi::server {

struct MetricsBounds {  // Exported beside what they bound.
  std::uint64_t connections_max = 0, events_in_flight_max = 0, body_memory_bytes_max = 0;
  std::uint64_t streams_max = 0, requests_in_flight_max = 0;
  std::uint64_t answer_memory_bytes_max = 0, connections_per_sender_max = 0;
};

struct MetricsInput {
  std::vector<const Counters*> threads;
  std::optional<EngineStats> engine;  // Nothing while the engine is being opened.
  std::uint64_t labels_folded = 0, connections_refused = 0, body_memory_bytes = 0;
  std::uint64_t sender_connections_refused = 0;
  std::uint64_t streams = 0, accepts_failed = 0, answer_memory_bytes = 0;
  std::int64_t start_ms = 0;  // Of the process, since the epoch.
  std::uint64_t clock_steps_forward = 0, clock_steps_back = 0;
  std::int64_t clock_held_ms = 0;  // How far events' time is ahead of the wall clock.
  Phase phase = Phase::kStarting;
  bool read_only = false;
  std::uint64_t disk_free_bytes = 0, disk_min_free_bytes = 0;
  MetricsBounds bounds;
};

// received = accepted + rejected on every page: all three are made from one reading of the
// counters, which are written when a report's fate is known.
std::string metrics_page(const MetricsInput& input);

}  // namespace kpi::server
