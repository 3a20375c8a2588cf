// One side's figures of one aggregate: its value, its reports and its intervals.
#pragma once
#include <optional>

#include "query/compare/compare_plan.h"
#include "query/compare/difference.h"
#include "query/compare/weights.h"
#include "query/function/group_table.h"

namespace kpi::query {

struct Figures {
  std::optional<double> value;  // As SELECT answers it; nothing over no events.
  // That enter the aggregate; nothing where they were sampled and their raw events have aged out.
  std::optional<double> reports = 0;
  Side estimate;  // Empty where there are too few of them for any interval.
};

// Of group `group`; `sums` may be null where every report counts once.
Figures figures_of(const Judged& item, const GroupTable& table, std::size_t group,
                   const WeightSums* sums);

}  // namespace kpi::query
