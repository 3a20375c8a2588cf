// Where the process stands in its life: what /readyz and admission ask.
#pragma once
#include <atomic>
#include <cstdint>
#include <string_view>

namespace kpi::server {

enum class Phase : std::uint8_t {
  kStarting,  // Sockets are bound, the journal is being replayed.
  kReady,
  kClosing,  // A signal asked to stop.
  kFailed,   // Fail-stop: nothing can be written any more.
};

constexpr std::string_view to_string(Phase phase) {
  constexpr std::string_view kNames[] = {"starting", "ready", "closing", "failed"};
  return kNames[static_cast<std::size_t>(phase)];
}

// Thread-safe.
class Health {
 public:
  Phase phase() const { return phase_.load(std::memory_order_acquire); }
  bool ready() const { return phase() == Phase::kReady; }
  // Too little space on the data disk: queries go on, reports are refused.
  bool read_only() const { return read_only_.load(std::memory_order_acquire); }
  void set_read_only(bool read_only) { read_only_.store(read_only, std::memory_order_release); }
  // Phases only move forward: a failed process does not become ready again.
  void advance(Phase phase) {
    Phase now = phase_.load(std::memory_order_relaxed);
    while (now < phase && !phase_.compare_exchange_weak(now, phase, std::memory_order_acq_rel)) {
    }
  }

 private:
  std::atomic<Phase> phase_{Phase::kStarting};
  std::atomic<bool> read_only_{false};
};

}  // namespace kpi::server
