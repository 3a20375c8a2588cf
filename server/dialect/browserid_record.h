// One BrowserID record: its steps become measures, its numbers too, the rest labels.
#pragma once
#include "server/dialect/intake.h"
#include "server/dialect/json.h"

namespace kpi::server {

// Fills the draft of `intake`. `stream_json` is free for an event_stream that is JSON text.
Check read_browserid_record(Intake& intake, simdjson::dom::object record, JsonParser& stream_json);

}  // namespace kpi::server
