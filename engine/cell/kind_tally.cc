#include "engine/cell/kind_tally.h"

#include <algorithm>

namespace kpi {

void KindTally::find(EventKind kind) {
  const auto [at, added] =
      index_.try_emplace(kind.packed(), static_cast<std::uint32_t>(counts_.size()));
  if (added) counts_.push_back({kind, 0, 0});
  last_kind_ = kind;
  last_ = at->second;
}

void KindTally::drain(CountsCell* cell) {
  cell->clear();
  for (const std::uint32_t index : touched_) {
    cell->push_back(counts_[index]);
    counts_[index].events = counts_[index].weight = 0;
  }
  touched_.clear();
  std::sort(cell->begin(), cell->end(),
            [](const KindCount& a, const KindCount& b) { return a.kind < b.kind; });
  if (counts_.size() > kKindsKeptMax) {
    index_.clear();
    counts_.clear();
  }
}

}  // namespace kpi
