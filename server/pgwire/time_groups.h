// The one form in which dashboards write a time bucket without time_bucket(): that of Grafana's
// $__timeGroup macro for PostgreSQL.
#pragma once
#include <string>

namespace kpi::server::pgwire {

// Writes every `floor(extract(epoch from COLUMN)/N)*N` in `text`, N whole seconds, as
// `time_bucket('Ns', COLUMN)`, with blanks behind: places in the text stay where they are.
void write_time_groups(std::string& text);

}  // namespace kpi::server::pgwire
