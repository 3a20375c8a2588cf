// What a query sees of the events that are not yet sealed: those of every commit group up to the
// moment the view was taken. Taking one costs nothing; it keeps the rows' memory alive.
// Safe for use by any number of threads.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/chunk/chunk.h"
#include "engine/live/generation.h"
#include "engine/live/row_decoder.h"
#include "kpi/event.h"
#include "kpi/result.h"

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
  // The same in pieces of at most kPieceEventsMax events, each gathered by `columns` and handed to
  // `sink`. Ends with the first error of `sink`.
  static constexpr std::size_t kPieceEventsMax = 4096;
  using PieceSink = std::function<Status()>;
  Status read_pieces(std::uint32_t series_id, TimeRange range, ColumnsBuilder* columns,
                     const PieceSink& sink) const;

 private:
  std::vector<GenerationRows> rows(std::uint32_t series_id) const;

  std::vector<Part> parts_;
};

}  // namespace kpi
