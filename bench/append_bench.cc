// append_bench DIRECTORY EVENTS [RPS]: durable appends of the peer data in batches of 10,000 by one
// thread, a few batches in flight. Prints `key value` lines. Generating the events, naming, packing
// and committing are within the clock. `burst_events_per_second` is the rate over the first 300
// batches, which fit the journal's budget; `events_per_second` that over all, seals included.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "bench/peer_data.h"
#include "kpi/engine.h"

namespace {

using Clock = std::chrono::steady_clock;
using kpi::bench::PeerEvent;
constexpr std::size_t kBatchEvents = 10'000, kInFlight = 4;
constexpr std::uint64_t kBurstEvents = 300 * kBatchEvents;
constexpr std::uint32_t kUnset = 0xFFFFFFFF;

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "append_bench: %s\n", message.c_str());
  std::exit(1);
}

template <class T>
T take(kpi::Result<T> result) {
  if (!result.ok()) fail(result.error().message);
  return std::move(result).value();
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Packs events into a batch; names are interned at their first use in each batch.
class Packer {
 public:
  explicit Packer(std::uint32_t clients) : series_(clients + 1) {}

  void pack(kpi::Batch& batch, const PeerEvent* events, std::size_t count) {
    batch.clear();
    std::fill(series_.begin(), series_.end(), kUnset);
    failures_.assign(1024, kUnset);
    std::vector<std::uint32_t> measures;
    for (const char* name : kpi::bench::kPeerTimingNames) {
      measures.push_back(take(batch.intern_measure(name)));
    }
    const auto success = take(batch.intern_shape({kpi::Outcome::kSuccess, kpi::UiShown::kUnknown},
                                                 kpi::kWeightMin, measures, {}));
    for (std::size_t i = 0; i < count; ++i) {
      const PeerEvent& event = events[i];
      const bool failed = event.error != 0;
      const auto shape = failed ? failure_shape(batch, event.error) : success;
      const std::span<const std::uint32_t> timings(event.timings);
      take(batch.add_row(event.time_ms, series_of(batch, event), shape,
                         failed ? std::span<const std::uint32_t>() : timings));
    }
  }

 private:
  std::uint32_t series_of(kpi::Batch& batch, const PeerEvent& event) {
    auto& series = series_[event.client];
    if (series == kUnset) {
      series = take(batch.intern_series(kpi::bench::peer_rp_name(event.rp),
                                        kpi::bench::peer_client_name(event.client)));
    }
    return series;
  }
  std::uint32_t failure_shape(kpi::Batch& batch, std::uint32_t error) {
    auto& shape = failures_[error];
    if (shape == kUnset) {
      const kpi::EventKind kind(kpi::Outcome::kFailure, kpi::UiShown::kUnknown,
                                {kpi::Dialect::kFedcm, error});
      shape = take(batch.intern_shape(kind, kpi::kWeightMin, {}, {}));
    }
    return shape;
  }

  std::vector<std::uint32_t> series_, failures_;
};

// A few batches that go round between packing and committing.
class Ring final : public kpi::AppendSink {
 public:
  Ring() : pending_(kInFlight) {
    for (auto& pending : pending_) free_.push_back(&pending);
  }
  kpi::PendingAppend* acquire() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return !free_.empty(); });
    auto* pending = free_.back();
    free_.pop_back();
    pending->sink = this;
    pending->next = nullptr;
    return pending;
  }
  void drain() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return free_.size() == kInFlight; });
  }
  void on_committed(kpi::PendingAppend* chain) override {
    {
      const std::lock_guard lock(mutex_);
      while (chain != nullptr) {
        if (!chain->status.ok()) fail(chain->status.error().message);
        auto* next = chain->next;
        free_.push_back(chain);
        chain = next;
      }
    }
    returned_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<kpi::PendingAppend> pending_;
  std::vector<kpi::PendingAppend*> free_;
};

struct Timing {
  double burst_seconds = 0, seconds = 0;
  std::uint64_t burst_events = 0;
};

Timing append_all(kpi::Engine& engine, kpi::bench::PeerData& data, std::uint64_t count) {
  Packer packer(data.clients());
  Ring ring;
  std::vector<PeerEvent> events(kBatchEvents);
  Timing timing;
  const auto begin = Clock::now();
  for (std::uint64_t sent = 0; sent < count;) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kBatchEvents, count - sent));
    for (std::size_t i = 0; i < size; ++i) data.next(events[i]);
    auto* pending = ring.acquire();
    packer.pack(pending->batch, events.data(), size);
    engine.submit(pending);
    sent += size;
    if (sent >= std::min(count, kBurstEvents) && timing.burst_events == 0) {
      ring.drain();
      timing.burst_seconds = seconds_since(begin);
      timing.burst_events = sent;
    }
  }
  ring.drain();
  timing.seconds = seconds_since(begin);
  return timing;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) fail("usage: append_bench DIRECTORY EVENTS [RPS]");
  const auto count = std::strtoull(argv[2], nullptr, 10);
  const auto rps = argc == 4 ? std::strtoul(argv[3], nullptr, 10) : 1000;
  kpi::bench::PeerData data(count, static_cast<std::uint32_t>(rps));
  kpi::EngineOptions options;
  options.dir = argv[1];
  options.retention_raw_days = 0;  // The data is older than the default by the time you read this.
  options.retention_minute_days = 0;
  auto engine = take(kpi::Engine::open(options));
  const Timing timing = append_all(*engine, data, count);
  const auto stats = engine->stats();
  const auto flush_begin = Clock::now();
  take(engine->flush());
  const double flushing = seconds_since(flush_begin);
  take(engine->close());
  const auto n = static_cast<double>(count);
  std::printf(
      "events %llu\nburst_events_per_second %.0f\nevents_per_second %.0f\nseals %llu\n"
      "flush_seconds %.2f\n",
      static_cast<unsigned long long>(count),
      static_cast<double>(timing.burst_events) / timing.burst_seconds, n / timing.seconds,
      static_cast<unsigned long long>(stats.seals), flushing);
  return 0;
}
