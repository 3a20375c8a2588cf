// What a FUNNEL asks of the store, and what its answer looks like.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/plan/bucketing.h"
#include "query/text/ast.h"

namespace kpi::query {

struct FunnelPlan {
  ScanRequest request;             // Events that have the first step and none of the exclusions.
  std::vector<std::string> steps;  // Measures.
  std::optional<Bucketing> bucketing;
  std::vector<DimensionRef> keys;
  // The group columns from the left: a number in `keys`; nothing for the time bucket.
  std::vector<std::optional<std::size_t>> group_columns;
  std::vector<Column> columns;
  std::vector<std::string> notes;  // Steps that nobody has reported.
};

// Errors carry the place in the text.
Result<FunnelPlan> plan_funnel(const Funnel& funnel, const View& view, std::int64_t now_ms);
// For people, one line a step.
std::vector<std::string> describe_funnel(const FunnelPlan& plan);

}  // namespace kpi::query
