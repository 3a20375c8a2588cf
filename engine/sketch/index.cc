#include "engine/sketch/index.h"

#include "kpi/sketch.h"

namespace kpi::sketch {
namespace {

constexpr int kScale = 7;
constexpr std::size_t kPerOctave = std::size_t{1} << kScale;
constexpr int kFraction = 63;  // Bits after the point of the fixed-point numbers below.

consteval std::uint64_t integer_root(Uint128 square) {
  std::uint64_t root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const std::uint64_t candidate = root | (std::uint64_t{1} << bit);
    if (static_cast<Uint128>(candidate) * candidate <= square) root = candidate;
  }
  return root;
}

// 2^(i/128) for i = 0..127, rounded down: repeated square roots and their products. Each step
// loses less than two units of the last place, fourteen steps at most, which kSlack covers.
constexpr std::uint64_t kSlack = 64;
consteval std::array<std::uint64_t, kPerOctave> octave() {
  std::array<std::uint64_t, kPerOctave> powers{};
  powers.fill(std::uint64_t{1} << kFraction);
  Uint128 root = static_cast<Uint128>(1) << (kFraction + 1);
  for (std::size_t half = kPerOctave / 2; half > 0; half /= 2) {
    root = integer_root(root << kFraction);
    for (std::size_t i = 0; i < kPerOctave; ++i) {
      if ((i & half) == 0) continue;
      powers[i] = static_cast<std::uint64_t>((powers[i] * root) >> kFraction);
    }
  }
  return powers;
}

// floor(2^(i/128)), proved: the slack of the fixed-point power never reaches the next integer.
consteval std::uint64_t boundary(const std::array<std::uint64_t, kPerOctave>& powers,
                                 std::size_t i) {
  const int shift = kFraction - static_cast<int>(i / kPerOctave);
  const std::uint64_t power = powers[i % kPerOctave];
  const std::uint64_t floor = power >> shift;
  if (i % kPerOctave != 0 && (power + kSlack) >> shift != floor) throw "the boundary is in doubt";
  return floor;
}

consteval std::array<std::uint32_t, kBins> upper_bounds() {
  const auto powers = octave();
  std::array<std::uint32_t, kBins> uppers{};
  std::size_t bins = 1;  // The first holds 0 alone.
  for (std::size_t i = 0; i < 32 * kPerOctave; ++i) {
    const auto upper = static_cast<std::uint32_t>(boundary(powers, i));
    if (upper != uppers[bins - 1]) uppers[bins++] = upper;
  }
  uppers[bins++] = 0xFFFFFFFF;
  if (bins != kBins) throw "kBins is wrong";
  return uppers;
}

consteval std::array<FrontEntry, kFrontEntries> front() {
  const auto uppers = upper_bounds();
  std::array<FrontEntry, kFrontEntries> entries{};
  std::uint32_t bin = 0;
  for (std::size_t i = 0; i < kFrontEntries; ++i) {
    const std::size_t shift = i < 2 * kFrontSteps ? 0 : i / kFrontSteps - 1;
    const auto lowest = static_cast<std::uint32_t>((i - (shift << kFrontBits)) << shift);
    while (uppers[bin] < lowest) ++bin;
    entries[i] = {uppers[bin], bin};
  }
  return entries;
}

}  // namespace

constexpr std::array<std::uint32_t, kBins> kUpper = upper_bounds();
constexpr std::array<FrontEntry, kFrontEntries> kFront = front();

}  // namespace kpi::sketch
