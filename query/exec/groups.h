// The answer of a store as a table of groups.
#pragma once
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/function/group_table.h"
#include "query/plan/plan.h"

namespace kpi::query {

struct Groups {
  GroupTable table;
  TimeRange covered;
  std::vector<ReadStep> steps;
};

// Sends the requests of `plan` and joins their answers; months are merged from days. A plan
// without GROUP BY has exactly one group, even of no events. kLimitExceeded: more groups than
// Options::bytes_max holds.
Result<Groups> read_groups(const Plan& plan, const View& view, const Options& options);

}  // namespace kpi::query
