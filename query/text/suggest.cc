#include "query/text/suggest.h"

#include <algorithm>
#include <numeric>

namespace kpi::query {
namespace {

constexpr std::size_t kWordBytesMax = 64;  // Longer ones are no misspelt names; bounds the work.

// Letters added, left out, replaced, or swapped with their neighbour.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1), last(row), before_last(row);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  if (word.empty() || word.size() > kWordBytesMax) return {};
  std::size_t nearest = std::max<std::size_t>(1, word.size() / 3) + 1;
  const std::string* best = nullptr;
  for (const std::string& name : known) {
    if (name.size() > kWordBytesMax) continue;
    const std::size_t distance = edit_distance(word, name);
    if (distance < nearest) {
      nearest = distance;
      best = &name;
    }
  }
  return best == nullptr ? std::string{} : "did you mean " + *best + "?";
}

}  // namespace kpi::query
