// Expressions that no event has a part in.
#pragma once
#include "query/text/ast.h"

namespace kpi::query {

// A comparison, IN, BETWEEN, IS NULL, cast, NULL or truth value without a name in it.
bool is_constant(const Expr& expr);
// What was written for a parameter, or a cast of it.
bool is_bound(const Expr& expr);

}  // namespace kpi::query
