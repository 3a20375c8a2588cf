#include "query/compare/holm.h"

#include <algorithm>
#include <cstddef>

namespace kpi::query {

std::vector<std::optional<double>> holm(const std::vector<std::optional<double>>& p_values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p_values.size(); ++i) {
    if (p_values[i]) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return *p_values[a] < *p_values[b]; });
  std::vector<std::optional<double>> adjusted(p_values.size());
  double floor = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const double times = static_cast<double>(order.size() - k);
    floor = std::max(floor, std::min(1.0, *p_values[order[k]] * times));
    adjusted[order[k]] = floor;
  }
  return adjusted;
}

}  // namespace kpi::query
