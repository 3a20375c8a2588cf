// The wall clock as the server goes by it: what it stamps reports and tokens with. Somebody may set
// the clock of the machine, back or forth; that is noticed, counted and told, and closed buckets
// are not written to again on the quiet. Thread-safe.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

namespace kpi::server {

class WallClock {
 public:
  static constexpr std::int64_t kStepMs = 1'000;        // A difference from here on is a step.
  static constexpr std::int64_t kToleranceMs = 60'000;  // So far time may go back.
  // A clock that has stayed set back for so long is right: it was wrong before.
  static constexpr std::int64_t kHoldMs = 3'600'000;

  using Source = std::function<std::int64_t()>;  // Ms.
  // `steady` never goes back and is never set.
  WallClock(Source wall, Source steady);

  // The later of the wall clock and its latest time less the tolerance, in ms since the epoch. Ask
  // at least now and then: two clocks drift.
  std::int64_t now_ms();
  std::int64_t now_s() { return now_ms() / 1'000; }

  // Called with each step, in ms, and whether time is held since.
  using Told = std::function<void(std::int64_t step_ms, bool held)>;
  void tell(Told told);
  std::uint64_t steps_forward() const { return forward_; }
  std::uint64_t steps_back() const { return back_; }
  std::int64_t held_ms() const { return held_ms_; }  // How far now_ms() is ahead of the wall clock.

 private:
  struct Reading {
    std::int64_t wall_ms = 0, steady_ms = 0;
  };
  Reading read() const;
  std::int64_t hold(const Reading& now);

  const Source wall_, steady_;
  std::mutex mutex_;  // Guards the five below.
  Told told_;
  Reading last_;
  std::int64_t latest_ms_ = 0;
  std::optional<std::int64_t> held_since_ms_;  // Steady.
  std::atomic<std::uint64_t> forward_{0}, back_{0};
  std::atomic<std::int64_t> held_ms_{0};
};

// That of the process.
WallClock& wall_clock();

}  // namespace kpi::server
