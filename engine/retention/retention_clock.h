// How late it is for what ages out. The wall clock may be set, by hand or by a wrong time server,
// and what is dropped does not come back: where it runs ahead of what has really passed, it is not
// believed before it has stood for a day. Pure, not thread-safe.
#pragma once
#include <cstdint>
#include <optional>

#include "kpi/event.h"

namespace kpi {

class RetentionClock {
 public:
  // So far the wall clock may run ahead between two looks, and between two openings of a store.
  static constexpr std::int64_t kSlackMs = kHourMs, kSlackAtStartMs = 26 * kHourMs;
  static constexpr std::int64_t kHoldMs = kDayMs;

  struct Clocks {
    std::int64_t wall_ms = 0, steady_ms = 0;  // The steady one never goes back.
  };
  // What outlives a process: taken at a look, given to the next one.
  struct Kept {
    std::int64_t believed_ms = 0;  // 0 or less: it was never open before.
    // How long a jump had stood by then, and when that was by the wall clock; 0, 0: there was none.
    std::int64_t held_ms = 0, looked_wall_ms = 0;
  };
  RetentionClock(const Kept& kept, const Clocks& clocks);

  // What to believe now, in ms since the epoch. Looks at least each hour keep the slack meaningful.
  std::int64_t look(const Clocks& clocks);
  // Somebody vouches for the wall clock.
  void believe(const Clocks& clocks);
  bool holds() const { return held_since_ms_.has_value(); }
  Kept kept() const;  // As of the last look.

 private:
  std::int64_t believed_ms_ = 0;               // As of the moment below.
  std::int64_t looked_ms_ = 0;                 // Steady.
  std::int64_t looked_wall_ms_ = 0;            // The same moment.
  std::int64_t jump_ms_ = 0;                   // How far ahead it is, while it is not believed.
  std::optional<std::int64_t> held_since_ms_;  // Steady; in lives before, it may be below 0.
};

}  // namespace kpi
