// Hints: the nearest known name to one that is not known.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace kpi::query {

// "did you mean NAME?" with the nearest of `known` by edit distance, or "" where none is near.
// A tie goes to the earlier.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace kpi::query
