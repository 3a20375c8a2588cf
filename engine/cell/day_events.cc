#include "engine/cell/day_events.h"

#include <algorithm>

#include "engine/key/partition.h"
#include "kpi/assert.h"

namespace kpi {

void DayEvents::assign(std::uint16_t day, const EventColumns& columns) {
  events = &columns;
  const std::size_t size = columns.size();
  KPI_ASSERT(columns.kinds.size() == size);
  KPI_ASSERT(columns.weights.empty() || columns.weights.size() == size);
  minutes.resize(size);
  std::int64_t before = day_begin_ms(day);
  const std::int64_t begin = before, end = before + kDayMs;
  for (std::size_t row = 0; row < size; ++row) {
    const std::int64_t time = columns.times_ms[row];
    KPI_ASSERT(time >= before && time < end);
    before = time;
    minutes[row] = static_cast<std::uint16_t>(static_cast<std::uint32_t>(time - begin) / kMinuteMs);
  }
  std::size_t row = 0;
  for (std::uint32_t hour = 0; hour <= kHoursPerDay; ++hour) {
    while (row < size && minutes[row] < hour * kMinutesPerHour) ++row;
    hour_begin[hour] = row;
  }
}

}  // namespace kpi
