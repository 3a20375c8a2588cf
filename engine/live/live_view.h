// What a query sees of the events that are not yet sealed: those of every commit group up to the
// moment the view was taken. Taking one costs nothing; it keeps the rows' memory alive.
// Safe for use by any number of threads.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/chunk/event_columns.h"
#include "engine/live/generation.h"
#include "kpi/event.h"

namespace kpi {

class LiveView {
 public:
  struct Part {
    std::shared_ptr<const Generation> generation;
    std::uint64_t group_max = 0;
  };
  LiveView() = default;
  explicit LiveView(std::vector<Part> parts) : parts_(std::move(parts)) {}
  const std::vector<Part>& parts() const { return parts_; }

  // Series ids that may have live events, ascending.
  std::vector<std::uint32_t> series() const;
  // Replaces *out by the events of one series within `range`, in order of arrival, not of time.
  void read(std::uint32_t series_id, TimeRange range, EventColumns* out) const;

 private:
  std::vector<Part> parts_;
};

}  // namespace kpi
