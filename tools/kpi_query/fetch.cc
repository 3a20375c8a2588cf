#include "tools/kpi_query/connection.h"
#include "tools/kpi_query/stop_signal.h"

namespace kpi::tools {
namespace {

class Collect final : public ResultSink {
 public:
  explicit Collect(std::size_t rows_max) : rows_max_(rows_max) {}
  void begin(std::vector<query::Column> columns) override { table_.columns = std::move(columns); }
  bool rows(Rows rows) override {
    for (auto& row : rows) {
      if (table_.rows.size() < rows_max_) table_.rows.push_back(std::move(row));
    }
    return true;
  }
  void end(std::string, std::vector<std::string>) override {}
  query::Table take() { return std::move(table_); }

 private:
  const std::size_t rows_max_;
  query::Table table_;
};

}  // namespace

Failure unwanted_failure() {
  if (StopSignal::requested()) {
    return {{ErrorCode::kCanceled, "interrupted"}, ExitCode::kInterrupted};
  }
  return {{ErrorCode::kIo, "standard output cannot be written"}, ExitCode::kIncomplete};
}

std::optional<query::Table> fetch(Connection& connection, std::string_view statement,
                                  std::chrono::milliseconds timeout, std::size_t rows_max) {
  Collect collect(rows_max);
  if (connection.run(statement, timeout, collect)) return std::nullopt;
  return collect.take();
}

}  // namespace kpi::tools
