// kpi-query at a terminal: a prompt, statements over several lines, and \commands.
#pragma once
#include "tools/kpi_query/connection.h"
#include "tools/kpi_query/options.h"
#include "tools/kpi_query/output.h"

namespace kpi::tools {

// Until \q or the end of input.
ExitCode run_shell(const Options& options, Connection& connection, Output& output);

}  // namespace kpi::tools
