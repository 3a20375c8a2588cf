// The senders of an answer: what is known of them by RP and hour, summed up by group.
#pragma once
#include "engine/read/read_source.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

// Fills result->senders and result->loud, as long as its groups. Requires tells_senders(request).
Status add_senders(const ReadSource& source, const AggregateRequest& request,
                   AggregateResult* result);

}  // namespace kpi
