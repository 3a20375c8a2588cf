#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kMin = {"min", Aggregate::Arguments::kMeasure, Kind::kInt,
                        "the smallest value, exact", [](const GroupState& state, double) {
                          const auto value = state.sketch.min();
                          return value ? make_int(*value) : Scalar{};
                        }};

}  // namespace kpi::query::aggregates
