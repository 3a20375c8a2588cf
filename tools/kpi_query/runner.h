// Runs scripts: statement after statement, results to the output, errors to the messages.
#pragma once
#include <chrono>
#include <string_view>

#include "tools/kpi_query/connection.h"
#include "tools/kpi_query/output.h"

namespace kpi::tools {

// Ends at the first statement that fails.
ExitCode run_script(std::string_view script, Connection& connection, Output& output,
                    std::chrono::milliseconds timeout);

}  // namespace kpi::tools
