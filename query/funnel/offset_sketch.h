// The median of differences between two offsets, which may be negative: steps are a set, not an
// order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "kpi/sketch.h"

namespace kpi::query {

// Two sketches, of the magnitudes on either side of zero. Not thread-safe.
class OffsetSketch {
 public:
  // |difference| < 2^32; weight in thousandths.
  void add(std::int64_t difference, std::uint32_t weight);
  // Nearest rank, within the sketch's stated error. Nothing where nothing was added.
  std::optional<double> median();
  std::size_t size_bytes() const;  // About.

 private:
  struct Side {
    std::optional<SketchBuilder> builder = {};
    std::uint64_t values = 0, weight = 0;
    void add(std::uint32_t magnitude, std::uint32_t weight_added);
    std::size_t size_bytes() const;
    // The magnitude of ascending rank `rank`, in thousandths from 1.
    double at_rank(const Sketch& sketch, std::uint64_t rank) const;
  };
  Side below_, above_;  // Zero is above.
};

}  // namespace kpi::query
