// What kpi-admin says when something fails: on standard error, and as an exit code.
#pragma once
#include "kpi/result.h"
#include "tools/kpi_query/exit_code.h"

namespace kpi::tools {

// Prints message and hint; the exit code that goes with it.
ExitCode report_failure(const Error& error);

}  // namespace kpi::tools
