#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kFailures = {
    "failures", Aggregate::Arguments::kNone, Kind::kInt, "attempts that failed",
    [](const GroupState& state, double) { return make_int(rounded(state.counts.failures)); }};

}  // namespace kpi::query::aggregates
