#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kSuccessRate = {"success_rate", Aggregate::Arguments::kNone, Kind::kFloat,
                                "successes / (successes + failures)",
                                [](const GroupState& state, double) {
                                  return share(state.counts.successes, state.counts.failures);
                                }};

}  // namespace kpi::query::aggregates
