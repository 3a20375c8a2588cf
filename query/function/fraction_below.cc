#include "query/function/aggregate.h"

#include <cmath>
#include <limits>

namespace kpi::query::aggregates {

// Values are integers, so below 2.5 is at most 2, and below 3 is too.
const Aggregate kFractionBelow = {
    "fraction_below", Aggregate::Arguments::kMeasureAndBound, Kind::kFloat,
    "the share of values less than a bound", [](const GroupState& state, double bound) {
      if (state.sketch.empty()) return Scalar{};
      constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
      const double at_most = std::ceil(bound) - 1;
      if (at_most < 0) return make_float(0);
      if (at_most >= static_cast<double>(kMost)) return make_float(1);
      const auto share = state.sketch.fraction_at_most(static_cast<std::uint32_t>(at_most));
      return share ? make_float(*share) : Scalar{};
    }};

}  // namespace kpi::query::aggregates
