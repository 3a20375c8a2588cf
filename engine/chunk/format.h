// Names of the numbers in a chunk's bytes, for its encoder and decoder. Persistent.
#pragma once
#include <cstdint>

#include "kpi/event.h"

namespace kpi::chunk {

inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::size_t kChecksumBytes = 8;

// Which events have a value of a measure.
enum class Presence : std::uint8_t {
  kEveryEvent = 0,
  kSuccesses = 1,
  kOwnList = 2,     // Follows: count, gaps.
  kListBefore = 3,  // That of the nearest measure before with a list of its own.
};
inline constexpr std::uint8_t kPresenceMask = 3;
inline constexpr std::uint8_t kResidualFlag = 4;  // Three measure ids follow.

// Kinds with the code on top: near codes are near numbers, and common kinds are small ones.
constexpr std::uint32_t rotate_kind(EventKind kind) {
  const std::uint32_t packed = kind.packed();
  return (packed & 0x0FFFFFF0) << 4 | packed >> 28 << 4 | (packed & 0xF);
}
constexpr EventKind unrotate_kind(std::uint32_t rotated) {
  return EventKind::from_packed((rotated >> 4 & 0xF) << 28 | (rotated >> 8 << 4) | (rotated & 0xF));
}

}  // namespace kpi::chunk
