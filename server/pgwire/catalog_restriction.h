// What a catalog query restricts its rows to, read off its folded text: `column = 'value'`,
// `column LIKE 'pattern'`, and joins of relations that have no rows.
#pragma once
#include <optional>
#include <string_view>

namespace kpi::server::pgwire {

// What stands behind `column =`, without quotes; nothing: it is not compared so.
std::optional<std::string_view> compared(std::string_view folded, std::string_view column);

// Whether a row may have `value` in `column`, as far as = and LIKE with a literal in WHERE tell.
bool allows(std::string_view folded, std::string_view column, std::string_view value);

// Whether rows of `relation` are needed for a row of the answer: it is joined, and not by LEFT
// JOIN.
bool requires_rows_of(std::string_view folded, std::string_view relation);

}  // namespace kpi::server::pgwire
