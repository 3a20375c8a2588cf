#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kMax = {"max", Aggregate::Arguments::kMeasure, Kind::kInt,
                        "the largest value, exact", [](const GroupState& state, double) {
                          const auto value = state.sketch.max();
                          return value ? make_int(*value) : Scalar{};
                        }};

}  // namespace kpi::query::aggregates
