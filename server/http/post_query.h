// POST /v1/query: one statement as the body, its rows by Accept.
#pragma once
#include "server/http/dispatcher.h"

namespace kpi::server {

void post_query(Loop& loop, const Exchange& exchange, const AnswerFrame& frame);

}  // namespace kpi::server
