// Runs SHOW: names, errors and the state of the store.
#pragma once
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/text/ast.h"

namespace kpi::query {

std::vector<Column> show_columns(const Show& show);
Result<Table> run_show(const Show& show, const Store& store, const View& view,
                       const Options& options);

}  // namespace kpi::query
