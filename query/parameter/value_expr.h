// A value as the expression that it would be in a text.
#pragma once
#include <cstddef>

#include "kpi/query.h"
#include "query/parameter/place.h"
#include "query/text/ast.h"

namespace kpi::query {

// `number` is the parameter's, `position` its place. kInvalidArgument: no literal says it.
Result<ExprPtr> value_expr(const Value& value, Place::Wanted wanted, std::size_t position,
                           std::size_t number);

}  // namespace kpi::query
