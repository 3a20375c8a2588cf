// One BrowserID record: its steps become measures, its numbers too, the rest labels.
#pragma once
#include "server/dialect/intake.h"
#include "server/dialect/json.h"

namespace kpi::server {

// Fills the draft of `intake`. `stream_json` is free for an event_stream that is JSON text.
Check read_browserid_record(Intake& intake, simdjson::dom::object record, JsonParser& stream_json);

// Whether a stored name is one that records are read for, whatever the steps of their senders.
bool is_browserid_measure(std::string_view stored_name);

}  // namespace kpi::server
