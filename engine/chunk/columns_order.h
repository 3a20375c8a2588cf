// Reordering and cutting columns of events.
#pragma once
#include <cstddef>

#include "engine/chunk/event_columns.h"

namespace kpi {

// Ascending by time; events of one time keep their order.
void sort_by_time(EventColumns* events);

// The events [begin, end), with only the measures and labels that they have. Requires
// begin <= end <= events.size().
EventColumns slice(const EventColumns& events, std::size_t begin, std::size_t end);

}  // namespace kpi
