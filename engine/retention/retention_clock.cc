#include "engine/retention/retention_clock.h"

#include <cstdlib>

namespace kpi {

RetentionClock::RetentionClock(std::int64_t believed_ms, const Clocks& clocks)
    : believed_ms_(believed_ms), looked_ms_(clocks.steady_ms) {
  jump_ms_ = clocks.wall_ms - believed_ms;
  held_since_ms_ = clocks.steady_ms;
  if (believed_ms == 0 || jump_ms_ <= kSlackAtStartMs) believe(clocks);
}

std::int64_t RetentionClock::look(const Clocks& clocks) {
  believed_ms_ += clocks.steady_ms - looked_ms_;
  looked_ms_ = clocks.steady_ms;
  const std::int64_t jump_ms = clocks.wall_ms - believed_ms_;
  const bool held_long = held_since_ms_ && clocks.steady_ms - *held_since_ms_ >= kHoldMs;
  if (held_since_ms_ && std::abs(jump_ms - jump_ms_) > kSlackMs) held_since_ms_.reset();
  if (jump_ms <= kSlackMs || (held_long && held_since_ms_)) {
    believe(clocks);
  } else if (!held_since_ms_) {
    held_since_ms_ = clocks.steady_ms;
    jump_ms_ = jump_ms;
  }
  return believed_ms_;
}

void RetentionClock::believe(const Clocks& clocks) {
  believed_ms_ = clocks.wall_ms;
  looked_ms_ = clocks.steady_ms;
  held_since_ms_.reset();
}

}  // namespace kpi
