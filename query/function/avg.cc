#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kAvg = {"avg", Aggregate::Arguments::kMeasure, Kind::kFloat, "the mean, exact",
                        [](const GroupState& state, double) {
                          const auto mean = state.sketch.mean();
                          return mean ? make_float(*mean) : Scalar{};
                        }};

}  // namespace kpi::query::aggregates
