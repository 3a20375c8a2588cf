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

// Rows as they come, until Ctrl-C: kInterrupted, without a word. `condition` is a condition, a
// WHERE, a whole FOLLOW statement, or empty: everything.
ExitCode run_follow(std::string_view condition, Connection& connection, Output& output);

}  // namespace kpi::tools
