// Aliases in conditions: a value of a label stands for all its spellings, however events hold it.
#pragma once
#include <vector>

#include "kpi/query.h"
#include "query/text/ast.h"

namespace kpi::query {

// The same statement, but where a condition names a value (=, <>, IN) of a label that has aliases
// it names all values that share what is stored. `aliases` has each label and value once.
Statement::Node with_all_spellings(Statement::Node node, const std::vector<ValueAlias>& aliases);

}  // namespace kpi::query
