#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kQuantile = {"quantile", Aggregate::Arguments::kMeasureAndQuantile, Kind::kFloat,
                             "the value at or below which a share q of the values lies",
                             [](const GroupState& state, double q) {
                               const auto value = state.sketch.quantile(q);
                               return value ? make_float(*value) : Scalar{};
                             }};

}  // namespace kpi::query::aggregates
