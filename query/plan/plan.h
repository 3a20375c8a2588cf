// What a SELECT asks of the store, and what is done with the answer.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/function/compiled.h"
#include "query/plan/bucketing.h"
#include "query/text/ast.h"

namespace kpi::query {

struct SortKey {
  Compiled expr;
  bool descending = false;
  bool nulls_first = false;
};

struct Plan {
  bool over_events = false;  // Else one row of constants, and nothing is asked.
  AggregateRequest request;
  // Asked a second time, for successes alone: what quantile_of_attempts() ranks. Empty: not asked.
  std::vector<std::string> success_measures;
  bool grouped = false;  // Else there is exactly one group, even of no events.
  std::optional<Bucketing> bucketing;
  std::vector<Column> columns;
  std::vector<Compiled> outputs;  // As long as `columns`.
  std::optional<Compiled> having;
  std::vector<SortKey> order_by;
  FillMode fill = FillMode::kNone;
  TimeRange fill_range;  // Bounded where `fill` is asked for: an open end is now.
  std::optional<std::uint64_t> limit;
  std::uint64_t offset = 0;
};

// Resolves every name against `view`. Errors carry the place in the text.
Result<Plan> plan_select(const Select& select, const View& view, std::int64_t now_ms);
// The second request of a plan with success_measures.
AggregateRequest success_request(const Plan& plan);
// For people, one line a step.
std::vector<std::string> describe_plan(const Plan& plan);

}  // namespace kpi::query
