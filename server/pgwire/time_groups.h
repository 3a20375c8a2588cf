// The forms in which dashboards write time buckets that the query language has otherwise: those of
// Grafana's $__timeGroup macro for PostgreSQL, without and with TimescaleDB.
#pragma once
#include <string>

namespace kpi::server::pgwire {

// Writes every `floor(extract(epoch from COLUMN)/N)*N` in `text`, N seconds, as
// `time_bucket('Ns', COLUMN)`, with blanks behind: places in the text stay where they are. A part
// of a second, there and in `time_bucket('0.500s',`, is made a whole one.
void write_time_groups(std::string& text);

}  // namespace kpi::server::pgwire
