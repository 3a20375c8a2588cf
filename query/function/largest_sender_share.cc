#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kLargestSenderShare = {
    "largest_sender_share", Aggregate::Arguments::kNone, Kind::kFloat,
    "of reports whose network is known: those of the network that sent most in an RP's hour",
    [](const GroupState& state, double) {
      return share(state.senders.largest, state.senders.known - state.senders.largest);
    }};

}  // namespace kpi::query::aggregates
