// The values of a sketch by rank, and what is known of where they lie within its bins.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kpi/sketch.h"

namespace kpi::query {

inline constexpr std::size_t kStepsMin = 6;

// Ranks are counted in effective events: of all weight together there are `n`. Immutable.
//
// A bin says how many values it has, not where. Where the bins around one hold what a smooth
// density would put there, its values are taken to be spread evenly over it. Anywhere else (few
// events, timers that tick, rounded values) all of them may be at one end of it.
class RankedValues {
 public:
  // `infinite` is the weight, in thousandths, of attempts that rank behind every value. `n` > 0.
  RankedValues(const Sketch& sketch, std::uint64_t infinite, double n);

  bool empty() const { return bins_.empty(); }
  double n() const { return n_; }
  // Bounds and best guess of the value of a rank; between two ranks, of the values of both.
  // Requires 1 <= rank <= n().
  double lower(double rank) const { return between(rank, Edge::kLower); }
  double upper(double rank) const { return between(rank, Edge::kUpper); }
  double middle(double rank) const { return between(rank, Edge::kMiddle); }

  // Whether between two ranks there are so few values, and these in lumps, that an estimate takes
  // large steps. Requires 1 <= low <= high <= n().
  bool stepwise(double low, double high) const;

  // The share of values that are less than `bound`, at least and at most.
  struct Share {
    double low = 0, high = 0;
  };
  Share share_below(double bound) const;

 private:
  enum class Edge { kLower, kMiddle, kUpper };
  struct Bin {
    double lower = 0, upper = 0;   // Infinite for the attempts behind every value.
    double before = 0, count = 0;  // In effective events.
  };
  std::size_t bin_of(double rank) const;
  double between(double rank, Edge edge) const;
  double value(double rank, Edge edge) const;
  bool smooth(std::size_t at) const;

  std::vector<Bin> bins_;
  double n_ = 0;
};

}  // namespace kpi::query
