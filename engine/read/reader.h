// aggregate and scan over a ReadSource: which cells, edges, chunks and live rows answer a request.
// Functions of their arguments; safe for concurrent use on one source.
#pragma once
#include <vector>

#include "engine/read/read_source.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

// The contracts are those of kpi::View (kpi/store.h). `keys` of the result point into the
// dictionary, static names, or what result.names already owns; the caller adds the dictionary to
// what result.names keeps alive.
Result<AggregateResult> aggregate(const ReadSource& source, const AggregateRequest& request);
Result<std::vector<ReadStep>> explain_aggregate(const ReadSource& source,
                                                const AggregateRequest& request);
Result<ScanReport> scan(const ReadSource& source, const ScanRequest& request,
                        const EventSink& sink);

}  // namespace kpi
