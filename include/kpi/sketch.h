// The store's percentile sketch: a fixed base-2 exponential histogram over 32-bit integers,
// scale 7 (bucket boundaries 2^(i/128), upper-inclusive, as OpenTelemetry's exponential histogram
// and Prometheus' native histogram at schema 7 have them). State is integers only, so a merge is
// addition: associative, commutative, the same bytes in any order and grouping. std only.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kpi/result.h"

namespace kpi {

inline constexpr double kSketchRelativeErrorMax = 0.00271;  // Of any quantile.
inline constexpr std::uint32_t kSketchExactBelow = 183;     // Smaller values have their own bin.
inline constexpr std::size_t kSketchExactValuesMax = 16;    // So many values are kept as they are.

// Sums of value x weight do not fit 64 bits at the extremes.
__extension__ typedef unsigned __int128 Uint128;

// An immutable summary, held as its canonical bytes (engine/FORMAT.md): quantiles are read from
// them by rank, without decoding. Copying copies the bytes. Thread-compatible.
// Weights are in thousandths; a sketch whose weights were all 1000 counts plainly.
class Sketch {
 public:
  Sketch() = default;  // Of no values.
  // Takes bytes of unknown origin: checks every length and position. kCorruption.
  static Result<Sketch> decode(std::string_view bytes);
  const std::string& bytes() const { return bytes_; }

  bool empty() const { return bytes_.empty(); }
  std::uint64_t count() const;               // Values, unweighted.
  std::uint64_t weight() const;              // Sum of weights, in thousandths.
  Uint128 weighted_sum() const;              // Sum of value x weight, in thousandths. Exact.
  std::optional<std::uint32_t> min() const;  // Exact.
  std::optional<std::uint32_t> max() const;  // Exact.
  std::optional<double> mean() const;
  // Nearest rank: the smallest value whose cumulative weight reaches ceil(q * weight()), within
  // kSketchRelativeErrorMax, clipped to min and max. q is taken to 9 decimals; q <= 0 is min(),
  // q >= 1 is max(), both exact. Nothing where the sketch is empty.
  std::optional<double> quantile(double q) const;
  // Share of the weight at values <= bound: exact at bin bounds, else within the bin of `bound`.
  std::optional<double> fraction_at_most(std::uint32_t bound) const;
  // Non-empty bins in ascending order, `upper` inclusive; exact values are bins of one value.
  struct Bin {
    std::uint32_t lower = 0, upper = 0;  // The smallest and largest integer of the bin.
    std::uint64_t weight = 0;            // Thousandths.
  };
  std::vector<Bin> bins() const;

  bool operator==(const Sketch&) const = default;

 private:
  friend class SketchBuilder;
  friend struct StoredSketch;  // engine/sketch/stored_sketch.h
  std::string bytes_;          // Canonical: equal multisets of (value, weight) have equal bytes.
};

// Gathers values and sketches, many at once, into one sketch. Reusable: build() resets it.
// About 14 KB a builder once it holds more than kSketchExactValuesMax values. Not thread-safe.
class SketchBuilder {
 public:
  SketchBuilder();
  ~SketchBuilder();
  SketchBuilder(SketchBuilder&&) noexcept;
  SketchBuilder& operator=(SketchBuilder&&) noexcept;

  void add(std::uint32_t value, std::uint32_t weight = 1000);  // weight >= 1, in thousandths.
  void add(std::span<const std::uint32_t> values);             // Each with weight 1000.
  void merge(const Sketch& sketch);
  Status merge_bytes(std::string_view bytes);  // kCorruption leaves the builder unchanged.
  bool empty() const;
  Sketch build();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kpi
