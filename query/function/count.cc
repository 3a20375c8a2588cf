#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kCountAll = {
    "count", Aggregate::Arguments::kStarOrMeasure, Kind::kInt, "attempts",
    [](const GroupState& state, double) { return make_int(rounded(state.counts.total)); }};

const Aggregate kCount = {
    "count", Aggregate::Arguments::kStarOrMeasure, Kind::kInt, "attempts that carry the measure",
    [](const GroupState& state, double) { return make_int(rounded(state.sketch.weight())); }};

}  // namespace kpi::query::aggregates
