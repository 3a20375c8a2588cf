// A day on the command line.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "kpi/result.h"

namespace kpi::tools {

// YYYY-MM-DD -> its begin, UTC, in ms since the epoch. kInvalidArgument.
Result<std::int64_t> parse_day(std::string_view text);
std::string day_text(std::int64_t begin_ms);

}  // namespace kpi::tools
