// Many tests in one answer: the chance of a false alarm anywhere in it stays what it is for one.
#pragma once
#include <optional>
#include <vector>

namespace kpi::query {

// Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
// Statistics 6: the k-th smallest of m p-values, times m + 1 - k, no less than those before it.
// Whatever the tests have to do with each other. Tests without a p-value do not count.
std::vector<std::optional<double>> holm(const std::vector<std::optional<double>>& p_values);

}  // namespace kpi::query
