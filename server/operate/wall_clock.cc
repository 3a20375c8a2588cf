#include "server/operate/wall_clock.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace kpi::server {
namespace {

// Between two readings a thread may have to wait: then they do not belong together.
constexpr std::int64_t kReadingMs = 100;
constexpr int kReadingsMax = 5;

template <class Clock>
std::int64_t read_ms() {
  const auto now = Clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

WallClock::WallClock(Source wall, Source steady)
    : wall_(std::move(wall)),
      steady_(std::move(steady)),
      last_(read()),
      latest_ms_(last_.wall_ms) {}

WallClock::Reading WallClock::read() const {
  Reading reading;
  for (int attempt = 0; attempt < kReadingsMax; ++attempt) {
    reading.steady_ms = steady_();
    reading.wall_ms = wall_();
    if (steady_() - reading.steady_ms <= kReadingMs) break;
  }
  return reading;
}

std::int64_t WallClock::now_ms() {
  std::unique_lock lock(mutex_);
  const Reading now = read();
  const std::int64_t step = now.wall_ms - (last_.wall_ms + now.steady_ms - last_.steady_ms);
  last_ = now;
  const std::int64_t time = hold(now);
  held_ms_ = time - now.wall_ms;
  if (step > -kStepMs && step < kStepMs) return time;
  ++(step < 0 ? back_ : forward_);
  const Told told = told_;
  lock.unlock();
  if (told) told(step, time != now.wall_ms);
  return time;
}

std::int64_t WallClock::hold(const Reading& now) {
  const std::int64_t least = latest_ms_ - kToleranceMs;
  if (now.wall_ms >= least) {
    held_since_ms_.reset();
    latest_ms_ = std::max(latest_ms_, now.wall_ms);
    return now.wall_ms;
  }
  if (!held_since_ms_) held_since_ms_ = now.steady_ms;
  if (now.steady_ms - *held_since_ms_ < kHoldMs) return least;
  held_since_ms_.reset();
  latest_ms_ = now.wall_ms;
  return now.wall_ms;
}

void WallClock::tell(Told told) {
  const std::lock_guard lock(mutex_);
  told_ = std::move(told);
}

WallClock& wall_clock() {
  static WallClock clock(read_ms<std::chrono::system_clock>, read_ms<std::chrono::steady_clock>);
  return clock;
}

}  // namespace kpi::server
