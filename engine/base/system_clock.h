// The machine's clocks, where nobody replaces them.
#pragma once
#include <time.h>

#include <cstdint>

#include "kpi/assert.h"

namespace kpi {

inline std::int64_t system_clock_ms(clockid_t clock) {
  timespec now{};
  KPI_ASSERT(::clock_gettime(clock, &now) == 0);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

inline std::int64_t system_now_ms() { return system_clock_ms(CLOCK_REALTIME); }
// Goes on while the machine sleeps: what ages, ages then as well.
inline std::int64_t system_steady_ms() { return system_clock_ms(CLOCK_BOOTTIME); }

}  // namespace kpi
