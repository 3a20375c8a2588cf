// Events as lines of NDJSON, in the form that POST /v1/events takes, with nothing lost on the way.
// Thread-compatible pure functions.
#pragma once
#include <string>
#include <string_view>

#include "kpi/batch.h"
#include "kpi/result.h"

namespace kpi::tools {

// Appends the event and a line feed.
void append_event_line(const Event& event, std::string* out);
// Adds the event of one line (without its line feed). kInvalidArgument says what was expected.
Status add_event_line(std::string_view line, Batch* batch);

}  // namespace kpi::tools
