// Data for tests of the sketch: multisets of weighted values, and answers computed from them.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "engine/sketch/sketch_view.h"
#include "kpi/sketch.h"

namespace kpi {

using Multiset = std::vector<sketch::WeightedValue>;

enum class Spread { kTimings, kNarrow, kWide, kTwoPeaks, kAnything };
inline constexpr Spread kSpreads[] = {Spread::kTimings, Spread::kNarrow, Spread::kWide,
                                      Spread::kTwoPeaks, Spread::kAnything};

inline std::uint32_t draw_value(std::mt19937_64& rng, Spread spread) {
  std::lognormal_distribution<double> timings(std::log(2800.0), 0.8);
  switch (spread) {
    case Spread::kTimings:
      return static_cast<std::uint32_t>(std::min(timings(rng), 600000.0));
    case Spread::kNarrow:
      return 1000 + static_cast<std::uint32_t>(rng() % 12);
    case Spread::kWide:
      return static_cast<std::uint32_t>(rng() % 600'001);
    case Spread::kTwoPeaks:
      return (rng() % 2 == 0 ? 3 : 400'000) + static_cast<std::uint32_t>(rng() % 9);
    case Spread::kAnything:
      return static_cast<std::uint32_t>(rng() >> (32 + rng() % 32));
  }
  return 0;
}

inline Multiset draw(std::mt19937_64& rng, Spread spread, std::size_t count, bool weighted) {
  Multiset values(count);
  for (auto& [value, weight] : values) {
    value = draw_value(rng, spread);
    weight = !weighted        ? 1000
             : rng() % 3 == 0 ? 1000 * static_cast<std::uint32_t>(1 + rng() % 100)
                              : 1 + static_cast<std::uint32_t>(rng() % 50'000);
  }
  return values;
}

inline Sketch summarise(const Multiset& values) {
  SketchBuilder builder;
  for (const auto& [value, weight] : values) builder.add(value, weight);
  return builder.build();
}

inline std::uint64_t weight_of(const Multiset& values) {
  std::uint64_t sum = 0;
  for (const auto& each : values) sum += each.weight;
  return sum;
}

}  // namespace kpi
