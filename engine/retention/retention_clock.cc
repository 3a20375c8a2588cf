#include "engine/retention/retention_clock.h"

#include <algorithm>
#include <cstdlib>

namespace kpi {

// A day would never be over where a store restarts more often: a jump that stood before the restart
// goes on standing, unless the wall clock is elsewhere by then. How long the store was closed only
// the wall clock says, so little of that counts.
RetentionClock::RetentionClock(const Kept& kept, const Clocks& clocks)
    : believed_ms_(kept.believed_ms),
      looked_ms_(clocks.steady_ms),
      looked_wall_ms_(clocks.wall_ms) {
  if (kept.believed_ms <= 0 || clocks.wall_ms - kept.believed_ms <= kSlackAtStartMs) {
    believe(clocks);
    return;
  }
  std::int64_t held_ms = 0;
  const std::int64_t closed_ms = clocks.wall_ms - std::max<std::int64_t>(kept.looked_wall_ms, 0);
  if (kept.looked_wall_ms > 0 && closed_ms >= -kSlackMs && closed_ms <= kSlackAtStartMs) {
    const std::int64_t counted_ms = std::clamp<std::int64_t>(closed_ms, 0, kSlackMs);
    held_ms = std::clamp<std::int64_t>(kept.held_ms, 0, kHoldMs) + counted_ms;
    believed_ms_ += counted_ms;
  }
  held_since_ms_ = clocks.steady_ms - held_ms;
  jump_ms_ = clocks.wall_ms - believed_ms_;
}

std::int64_t RetentionClock::look(const Clocks& clocks) {
  believed_ms_ += clocks.steady_ms - looked_ms_;
  looked_ms_ = clocks.steady_ms;
  looked_wall_ms_ = clocks.wall_ms;
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
  looked_wall_ms_ = clocks.wall_ms;
  held_since_ms_.reset();
}

RetentionClock::Kept RetentionClock::kept() const {
  if (!held_since_ms_) return {believed_ms_, 0, 0};
  return {believed_ms_, looked_ms_ - *held_since_ms_, looked_wall_ms_};
}

}  // namespace kpi
