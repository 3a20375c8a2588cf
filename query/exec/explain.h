// Runs EXPLAIN: what a statement would read or, with ANALYZE, what it read and how long it took.
#pragma once
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/text/ast.h"

namespace kpi::query {

std::vector<Column> explain_columns();
Result<Table> run_explain(const Explain& explain, const View& view, const Options& options);

}  // namespace kpi::query
