// ISO 8601 timestamps: `2026-11-22T09:00:00Z`, with fraction, with `+02:00`, with a space for T.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace kpi::server {

// Ms since the epoch; digits of a fraction beyond the third are cut off. Date and time of day are
// required and must exist; without a zone it is UTC. Second 60 is refused.
std::optional<std::int64_t> parse_iso_time(std::string_view text);

}  // namespace kpi::server
