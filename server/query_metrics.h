// The figures of the query socket on the page of GET /metrics.
#pragma once
#include <string>

#include "server/pgwire/query_counters.h"

namespace kpi::server {

std::string query_metrics_page(const pgwire::QueryCounters& counters);

}  // namespace kpi::server
