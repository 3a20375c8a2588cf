// The bins of the sketch: which integers each holds, and the way from a value to its bin without
// floating point. Bins that hold no integer do not exist, so the index has no holes.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace kpi::sketch {

inline constexpr std::size_t kBins = 3317;  // Of all 32-bit values.

// The front index: values below 2 x kFrontSteps have an entry each, above that every octave has
// kFrontSteps entries. A step is narrower than a bin, so it meets at most one boundary.
inline constexpr int kFrontBits = 8;
inline constexpr std::size_t kFrontSteps = std::size_t{1} << kFrontBits;
inline constexpr std::size_t kFrontEntries = (32 - kFrontBits + 1) * kFrontSteps;
struct FrontEntry {
  std::uint32_t bound = 0;  // The largest value of bin `base`.
  std::uint32_t base = 0;   // The bin of the step's smallest value.
};
extern const std::array<FrontEntry, kFrontEntries> kFront;
extern const std::array<std::uint32_t, kBins> kUpper;  // The largest integer of each bin.

// Where a value stands in the front index. Monotone.
constexpr std::size_t front_of(std::uint32_t value) {
  const auto shift = static_cast<int>(std::bit_width(value | 1U << kFrontBits)) - (kFrontBits + 1);
  return (static_cast<std::size_t>(shift) << kFrontBits) + (value >> shift);
}

// 0..kBins - 1, monotone in `value`.
inline std::uint32_t bin_of(std::uint32_t value) {
  const FrontEntry entry = kFront[front_of(value)];
  return entry.base + static_cast<std::uint32_t>(value > entry.bound);
}
inline std::uint32_t bin_upper(std::uint32_t bin) { return kUpper[bin]; }
inline std::uint32_t bin_lower(std::uint32_t bin) { return bin == 0 ? 0 : kUpper[bin - 1] + 1; }

// What stands for the values of a bin whose integers are lower..upper: the harmonic mean, whose
// relative error is the same at both ends, (upper - lower) / (upper + lower).
inline double representative(std::uint32_t lower, std::uint32_t upper) {
  if (lower == upper) return lower;
  const double a = lower, b = upper;
  return 2 * a * b / (a + b);
}

}  // namespace kpi::sketch
