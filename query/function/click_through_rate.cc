#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kClickThroughRate = {
    "click_through_rate", Aggregate::Arguments::kNone, Kind::kFloat,
    "successes / (successes + failures after UI was shown)", [](const GroupState& state, double) {
      return share(state.counts.successes, state.counts.failures_ui_shown);
    }};

}  // namespace kpi::query::aggregates
