// Calls and constant names: aggregates, time buckets, now(), and what PostgreSQL clients ask.
#pragma once
#include <optional>

#include "query/plan/compiler.h"

namespace kpi::query {

Compiled literal(const Scalar& value);
Result<Compiled> compile_call(const Expr& call, Scope& scope);
// current_user, current_catalog and the like, which stand without parentheses.
std::optional<Compiled> constant_name(const Expr& expr);

}  // namespace kpi::query
