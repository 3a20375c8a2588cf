// What a condition may tell a reader from whom small groups are hidden: no more than GROUP BY over
// the same dimensions would.
#pragma once
#include "kpi/query.h"
#include "kpi/store.h"
#include "query/function/group_table.h"
#include "query/plan/plan.h"

namespace kpi::query {

// Times within a minute go down to its begin, so that no window slides over single reports.
void align_to_minutes(TimeRange& range, Predicate& where);

// Adds to what is hidden of `table`, which answers `plan`: the groups that would be hidden without
// the condition. And with the dimensions that the condition names as further keys, the cells that
// would be hidden: a group is hidden where it holds some of these but not all of its own; and where
// a cell is cut by the condition so that one part is small.
Status hide_by_condition(const Plan& plan, const View& view, const Options& options,
                         GroupTable& table);

}  // namespace kpi::query
