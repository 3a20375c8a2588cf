#include "engine/live/live_view.h"

#include <algorithm>

#include "engine/live/row_decoder.h"

namespace kpi {

std::vector<std::uint32_t> LiveView::series() const {
  std::vector<std::uint32_t> all;
  for (const Part& part : parts_) {
    const std::shared_lock lock(part.generation->mutex);
    const std::vector<std::uint32_t> some = part.generation->series();
    all.insert(all.end(), some.begin(), some.end());
  }
  if (parts_.size() > 1) std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<GenerationRows> LiveView::rows(std::uint32_t series_id) const {
  std::vector<GenerationRows> rows;
  for (const Part& part : parts_) {
    const std::shared_lock lock(part.generation->mutex);
    rows.push_back(part.generation->rows(series_id, part.group_max));
    if (rows.back().first == nullptr) rows.pop_back();
  }
  return rows;
}

void LiveView::read(std::uint32_t series_id, TimeRange range, EventColumns* out) const {
  ColumnsBuilder columns(out, every_column());
  for (const GenerationRows& part : rows(series_id)) {
    for_each_row(part, range, [&](const Shape& shape, std::int64_t time_ms, auto values) {
      if (range.contains(time_ms)) columns.add(shape, time_ms, values);
    });
  }
  columns.finish();
}

Status LiveView::read_pieces(std::uint32_t series_id, TimeRange range, ColumnsBuilder* columns,
                             const PieceSink& sink) const {
  Status status = ok_status();
  columns->restart();
  const auto hand_over = [&] {
    columns->finish();
    status = sink();
    columns->restart();
  };
  for (const GenerationRows& part : rows(series_id)) {
    for_each_row(part, range, [&](const Shape& shape, std::int64_t time_ms, auto values) {
      if (!range.contains(time_ms) || !status.ok()) return;
      columns->add(shape, time_ms, values);
      if (columns->size() == kPieceEventsMax) hand_over();
    });
  }
  if (columns->size() > 0 && status.ok()) hand_over();
  return status;
}

}  // namespace kpi
