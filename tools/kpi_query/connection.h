// Where statements go: a server (pg_connection.h) or a data directory (local_connection.h).
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "kpi/query.h"
#include "tools/kpi_query/exit_code.h"

namespace kpi::tools {

// What went wrong, and how the program ends if nobody goes on after it. A failure that the
// statement's text is to blame for has a position in it.
struct Failure {
  Error error;
  ExitCode exit = ExitCode::kQueryError;
};

using TableSink = std::function<void(const query::Table&)>;

// Not thread-safe. Ctrl-C (stop_signal.h) ends what runs.
class Connection {
 public:
  virtual ~Connection() = default;
  // Runs one statement and gives its result to `sink`. timeout 0: none.
  virtual std::optional<Failure> run(std::string_view statement, std::chrono::milliseconds timeout,
                                     const TableSink& sink) = 0;
  // What one is connected to, for the greeting.
  virtual std::string describe() const = 0;
};

}  // namespace kpi::tools
