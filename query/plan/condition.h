// WHERE -> the time range and the predicate that a store is asked for.
#pragma once
#include <cstdint>

#include "kpi/store.h"
#include "query/plan/names.h"
#include "query/text/ast.h"

namespace kpi::query {

struct Condition {
  TimeRange range;  // From comparisons on time that all events must meet.
  Predicate where;  // The rest.
};

// `expr` may be null: everything. Errors carry the place in the text.
Result<Condition> plan_condition(const Expr* expr, Names& names, std::int64_t now_ms);

std::string to_text(const Predicate& predicate);  // As people read it in EXPLAIN.
std::string to_text(const TimeRange& range);      // `[begin, end)`, with -inf and inf.

}  // namespace kpi::query
