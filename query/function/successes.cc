#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kSuccesses = {
    "successes", Aggregate::Arguments::kNone, Kind::kInt, "attempts that succeeded",
    [](const GroupState& state, double) { return make_int(rounded(state.counts.successes)); }};

}  // namespace kpi::query::aggregates
