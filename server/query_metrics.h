// The figures of the query socket on the page of GET /metrics.
#pragma once
#include <string>

#include "server/auth/statement_slots.h"
#include "server/pgwire/query_counters.h"

namespace kpi::server {

// Of all sockets.
std::string statements_metrics_page(const auth::StatementSlots& slots);
std::string query_metrics_page(const pgwire::QueryCounters& counters);

}  // namespace kpi::server
