// GROUP BY: which dimensions, and which time bucket.
#pragma once
#include "kpi/result.h"
#include "query/plan/compiler.h"
#include "query/text/ast.h"

namespace kpi::query {

// Adds what `expr` groups by to the keys or the bucketing of `scope`, once. kInvalidArgument: it is
// neither a dimension nor a time bucket, or a second time bucket.
Status add_group_key(const Expr& expr, Scope& scope);

}  // namespace kpi::query
