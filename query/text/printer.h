// Pieces of printed statements.
#pragma once
#include <string>
#include <vector>

#include "query/text/ast.h"

namespace kpi::query {

std::string quoted(const std::string& text, char quote);  // Quotes within are doubled.
std::string name_text(const std::string& name);           // In quotes where it needs them.
std::string comma_list(const std::vector<ExprPtr>& exprs);

}  // namespace kpi::query
