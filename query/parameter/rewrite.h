// Puts something in the place of every parameter of a statement.
#pragma once
#include <functional>

#include "query/parameter/place.h"
#include "query/text/ast.h"

namespace kpi::query {

// What stands for one occurrence of a parameter. Never null.
using ParameterWriter = std::function<Result<ExprPtr>(const Expr& parameter, const Place& place)>;

// The same statement with each parameter as `write` has it; shares what has none. The first error
// of `write` is the answer. `names` may be null: see PlaceScope.
Result<Statement::Node> rewrite_parameters(const Statement::Node& node, Names* names,
                                           const ParameterWriter& write);

}  // namespace kpi::query
