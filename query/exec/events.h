// Events as rows: SELECT * and FOLLOW.
#pragma once
#include <string>
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/text/ast.h"

namespace kpi::query {

std::vector<Column> event_columns();
std::vector<Value> event_row(const Event& event);  // As long as event_columns().

// What a condition on events asks of the store. Errors carry the place in the text.
Result<ScanRequest> plan_scan(const ExprPtr& where, const View& view, std::int64_t now_ms);

std::string scan_text(const ScanRequest& request);  // For EXPLAIN.

struct Listed {
  Table table;
  std::vector<ReadStep> steps;
};
// In order of time; events of one moment in the order of their other columns. With LIMIT no more
// than its rows are kept in memory.
Result<Listed> run_listing(const Listing& listing, const View& view, const Options& options);
// For people, one line a step.
Result<std::vector<std::string>> describe_listing(const Listing& listing, const View& view,
                                                  std::int64_t now_ms);

}  // namespace kpi::query
