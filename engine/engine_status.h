// What SHOW STATUS says of an engine.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "kpi/engine.h"

namespace kpi {

// Name and value, in a stable order.
std::vector<std::pair<std::string, std::string>> status_rows(const EngineStats& stats);

}  // namespace kpi
