// File descriptors of the process: as many as the system allows, and how many of them clients may
// have. A store that finds none left when it needs a file must end.
#pragma once
#include <cstdint>

namespace kpi::server {

// Raises the soft limit to the hard one. The limit from then on.
std::uint64_t raise_descriptor_limit();

// `wanted` HTTP connections, or as many as leave enough for the store, `query_connections` and
// refusals: at least half of `limit` is theirs, at least 1 connection is left.
std::uint64_t connections_within(std::uint64_t limit, std::uint64_t wanted,
                                 std::uint64_t query_connections);

}  // namespace kpi::server
