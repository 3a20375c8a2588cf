// Counts events by kind into a counts cell. Reusable; not thread-safe.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/cell/counts_value.h"

namespace kpi {

class KindTally {
 public:
  void add(EventKind kind, std::uint32_t weight) { add({kind, 1, weight}); }
  void add(const KindCount& count) {
    if (count.kind != last_kind_ || counts_.empty()) find(count.kind);
    KindCount& sum = counts_[last_];
    if (sum.events == 0) touched_.push_back(last_);
    add_count(&sum, count);
  }
  // Replaces *cell with what was added since the last drain.
  void drain(CountsCell* cell);

 private:
  static constexpr std::size_t kKindsKeptMax = 4096;  // More are forgotten at the next drain.

  void find(EventKind kind);

  std::unordered_map<std::uint32_t, std::uint32_t> index_;  // Packed kind -> index in counts_.
  std::vector<KindCount> counts_;                           // No events: not touched.
  std::vector<std::uint32_t> touched_;
  EventKind last_kind_;
  std::uint32_t last_ = 0;  // The index of last_kind_, unless counts_ is empty.
};

}  // namespace kpi
