#include "tools/kpi_query/runner.h"

#include "tools/kpi_query/messages.h"
#include "tools/kpi_query/script.h"

namespace kpi::tools {

ExitCode run_script(std::string_view script, Connection& connection, Output& output,
                    std::chrono::milliseconds timeout) {
  for (const ScriptStatement& statement : split_script(script)) {
    std::optional<Failure> failure = connection.run(
        statement.text, timeout, [&](const query::Table& table) { output.print(table); });
    if (!failure) continue;
    if (failure->error.position != 0) failure->error.position += statement.offset;
    print_error(failure->error, script);
    return failure->exit;
  }
  return ExitCode::kOk;
}

}  // namespace kpi::tools
