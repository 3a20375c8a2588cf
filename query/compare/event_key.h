// The group that one event belongs to, as the store groups events.
#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/store.h"

namespace kpi::query {

// What an event prints as in a dimension (kpi/store.h); data() == nullptr: NULL. The text lives as
// long as the event and `texts`.
std::string_view dimension_value(const Event& event, const DimensionRef& dimension,
                                 std::deque<std::string>& texts);

}  // namespace kpi::query
