// What histogram(m) answers, read back: `[[lower, upper, count], ...]`.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

namespace kpi::query {

struct HistogramBin {
  double lower = 0, upper = 0;  // Both inclusive; 0 <= lower <= upper <= kHistogramValueMax.
  double count = 0;             // At least 0.
};
inline constexpr double kHistogramValueMax = 1e15;

// Nothing: `text` is no such array.
std::optional<std::vector<HistogramBin>> parse_histogram(std::string_view text);

}  // namespace kpi::query
