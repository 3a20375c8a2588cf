// What a query sees of the events that are not yet sealed: for each series the rows that were
// there when the view was taken. Rows are immutable once written, so reading takes no lock; the
// view keeps their memory alive.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/chunk/event_columns.h"
#include "engine/live/generation.h"
#include "kpi/event.h"

namespace kpi {

class LiveView {
 public:
  // Series ids that have live events, ascending.
  std::span<const std::uint32_t> series() const { return series_; }
  std::uint64_t events() const { return events_; }

  // Appends the events of one series within `range` to nothing else: replaces *out. Events come
  // in order of arrival, not of time. Unknown series: none. `all_labels` and measures as in
  // ChunkSelection would save little here, so everything is decoded.
  void read(std::uint32_t series_id, TimeRange range, EventColumns* out) const;

 private:
  friend class Live;
  struct Part {
    std::uint32_t series = 0;
    GenerationRows rows;
  };
  std::vector<std::uint32_t> series_;
  std::vector<Part> parts_;  // Ascending by series, several for one series.
  std::vector<std::shared_ptr<const Generation>> generations_;
  std::uint64_t events_ = 0;
};

}  // namespace kpi
