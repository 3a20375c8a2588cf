// Operators: which kinds they take, and what they become.
#pragma once
#include "query/plan/compiler.h"

namespace kpi::query {

// Requires an arithmetic operator, a comparison but LIKE, AND, OR, NOT or a cast. Every operand is
// compiled once, so that the cost follows the size of the text.
Result<Compiled> compile_operator(const Expr& expr, Scope& scope);

}  // namespace kpi::query
