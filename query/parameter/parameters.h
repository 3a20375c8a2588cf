// Statements with $1, $2, ...: what they want, and what they become.
#pragma once
#include <cstddef>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/text/ast.h"

namespace kpi::query {

// With values that fit in the places of its parameters: enough to tell its columns. Itself where
// it has none.
Result<Statement::Node> with_samples(const Statement::Node& node, const View& view);
// kInvalidArgument, with its place: a parameter has no value.
Status without_parameters(const Statement::Node& node);
// An error at a value that was written for $n says so.
Error naming_parameter(Error error, const Statement::Node& node);

}  // namespace kpi::query
