// Measures that the dialects name themselves: no sender's made-up names may take their places.
#pragma once
#include <string_view>

namespace kpi::server {

// By the name under which it is stored. Thread-safe.
bool is_built_in_measure(std::string_view stored_name);

}  // namespace kpi::server
