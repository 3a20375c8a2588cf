#include "query/function/aggregate.h"

#include <limits>

namespace kpi::query::aggregates {

const Aggregate kSum = {"sum", Aggregate::Arguments::kMeasure, Kind::kInt, "the sum, exact",
                        [](const GroupState& state, double) {
                          if (state.sketch.empty()) return Scalar{};
                          const Uint128 sum = (state.sketch.weighted_sum() + 500) / 1000;
                          constexpr Uint128 kMost = std::numeric_limits<std::int64_t>::max();
                          if (sum > kMost) return Scalar{Kind::kOverflow, 0, 0, {}};
                          return make_int(static_cast<std::int64_t>(sum));
                        }};

}  // namespace kpi::query::aggregates
