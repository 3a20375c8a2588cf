// Statements that PostgreSQL's clients may send and this language has not.
#pragma once
#include <optional>
#include <string_view>

namespace kpi::query {

// What to do instead of the statement that begins with `word` (lower case), or "". Nothing for a
// word that begins none.
std::optional<std::string_view> refusal_hint(std::string_view word);

}  // namespace kpi::query
