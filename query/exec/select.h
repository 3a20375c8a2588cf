// Runs a SELECT: plan, groups, rows, table.
#pragma once
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/plan/plan.h"

namespace kpi::query {

struct Selected {
  Table table;
  std::vector<ReadStep> steps;  // What the store read.
};

Result<Selected> run_select(const Select& select, const View& view, const Options& options);

Value to_value(const Scalar& scalar);

}  // namespace kpi::query
