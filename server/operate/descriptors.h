// File descriptors of the process: as many as the system allows, and how many of them clients may
// have. A store that finds none left when it needs a file must end.
#pragma once
#include <cstdint>

namespace kpi::server {

// Raises the soft limit to the hard one. The limit from then on.
std::uint64_t raise_descriptor_limit();

// One connection in so many more may be open to be told that it is one too many.
inline constexpr std::uint64_t kRefusalShare = 8;

// `wanted` HTTP connections, or as many as leave enough for the store, `query_connections` and
// refusals; an eighth of `limit`, and at least 1, whatever they need.
std::uint64_t connections_within(std::uint64_t limit, std::uint64_t wanted,
                                 std::uint64_t query_connections);

}  // namespace kpi::server
