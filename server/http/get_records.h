// The read side of BrowserID data, as mozilla/kpiggybank had it: GET /wsapi/interaction_data,
// /count, /last and /stream.
#pragma once
#include "server/http/dispatcher.h"

namespace kpi::server {

// Requires one of the record services as the target.
void get_records(Loop& loop, const Exchange& exchange, const AnswerFrame& frame);

}  // namespace kpi::server
