// The events of one series and day on their way into cells: what all steps ask of a row, computed
// once. Reusable; not thread-safe.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "engine/cell/minute_gather.h"
#include "engine/chunk/event_columns.h"

namespace kpi {

struct DayEvents {
  const EventColumns* events = nullptr;
  std::vector<std::uint16_t> minutes;                      // [row], ascending.
  std::array<std::size_t, kHoursPerDay + 1> hour_begin{};  // [hour]: its first row.

  // `columns` outlives this; its times ascend within `day` (asserted).
  void assign(std::uint16_t day, const EventColumns& columns);
  std::uint32_t weight(std::size_t row) const {
    return events->weights.empty() ? 1000 : events->weights[row];
  }
};

}  // namespace kpi
