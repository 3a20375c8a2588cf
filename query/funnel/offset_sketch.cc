#include "query/funnel/offset_sketch.h"

namespace kpi::query {

void OffsetSketch::Side::add(std::uint32_t magnitude, std::uint32_t weight_added) {
  if (!builder) builder.emplace();
  builder->add(magnitude, weight_added);
  ++values;
  weight += weight_added;
}

std::size_t OffsetSketch::Side::size_bytes() const {
  constexpr std::size_t kExactBytes = 512, kBinnedBytes = 32U << 10;
  if (values == 0) return 0;
  return values <= kSketchExactValuesMax ? kExactBytes : kBinnedBytes;
}

double OffsetSketch::Side::at_rank(const Sketch& sketch, std::uint64_t rank) const {
  // Half a rank down, so that the rounding of q cannot reach the next one.
  const double q = (static_cast<double>(rank) - 0.5) / static_cast<double>(weight);
  return sketch.quantile(q).value_or(0);
}

void OffsetSketch::add(std::int64_t difference, std::uint32_t weight) {
  if (difference < 0) {
    below_.add(static_cast<std::uint32_t>(-difference), weight);
  } else {
    above_.add(static_cast<std::uint32_t>(difference), weight);
  }
}

std::optional<double> OffsetSketch::median() {
  const std::uint64_t total = below_.weight + above_.weight;
  if (total == 0) return std::nullopt;
  const std::uint64_t rank = total / 2 + total % 2;
  if (rank > below_.weight) {
    return above_.at_rank(above_.builder->build(), rank - below_.weight);
  }
  // Ascending differences are descending magnitudes.
  return -below_.at_rank(below_.builder->build(), below_.weight - rank + 1);
}

std::size_t OffsetSketch::size_bytes() const { return below_.size_bytes() + above_.size_bytes(); }

}  // namespace kpi::query
