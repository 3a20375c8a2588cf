// One bulk line as JSON: the general path, which judges every line that no template matched.
#pragma once
#include "server/dialect/event_draft.h"
#include "server/dialect/json.h"

namespace kpi::server {

// Fills `draft` (cleared before) from `line`:
//   {"time", "rp", "client", "outcome", "error", "ui_shown", "measures", "labels", "sample_rate"},
// each at most once, null as absent. Unlike single reports an unknown key is refused: shippers are
// configured by hand, and a misspelt "measure" would lose data in silence.
Check read_bulk_line(simdjson::dom::element line, std::int64_t arrival_ms, EventDraft& draft);

}  // namespace kpi::server
