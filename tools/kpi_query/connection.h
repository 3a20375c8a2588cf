// Where statements go: a server (pg_connection.h) or a data directory (local_connection.h).
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/query.h"
#include "tools/kpi_query/exit_code.h"

namespace kpi::tools {

// What went wrong, and how the program ends if nobody goes on after it. A failure that the
// statement's text is to blame for has a position in it.
struct Failure {
  Error error;
  ExitCode exit = ExitCode::kQueryError;
};

using Rows = std::vector<std::vector<query::Value>>;

// Takes the result of a statement as it comes: begin, rows any number of times, end. A failure
// may take the place of any of them.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  // No columns: a command, which has no rows.
  virtual void begin(std::vector<query::Column> columns) = 0;
  // False: no more is wanted; the statement is cancelled and fails.
  virtual bool rows(Rows rows) = 0;
  virtual void end(std::string command_tag, std::vector<std::string> notes) = 0;
};

// Not thread-safe. Ctrl-C (stop_signal.h) ends what runs.
class Connection {
 public:
  virtual ~Connection() = default;
  // Runs one statement and gives its result to `sink`. timeout 0: none.
  virtual std::optional<Failure> run(std::string_view statement, std::chrono::milliseconds timeout,
                                     ResultSink& sink) = 0;
  // What one is connected to, for the greeting.
  virtual std::string describe() const = 0;
};

// Of a statement that ended because its sink wanted no more.
Failure unwanted_failure();

// The result of a small statement as a table, for the program's own use.
std::optional<query::Table> fetch(Connection& connection, std::string_view statement,
                                  std::chrono::milliseconds timeout, std::size_t rows_max);

}  // namespace kpi::tools
