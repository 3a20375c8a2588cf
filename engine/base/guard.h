// The guard of a stored value: finds damage, and a value that stands under another's key.
#pragma once
#include <xxhash.h>

#include <cstdint>
#include <string_view>

namespace kpi {

// XXH3 of `rest`, seeded with that of `key`.
inline std::uint64_t guard_of(std::string_view key, std::string_view rest) {
  return XXH3_64bits_withSeed(rest.data(), rest.size(), XXH3_64bits(key.data(), key.size()));
}

}  // namespace kpi
