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

void LiveView::read(std::uint32_t series_id, TimeRange range, EventColumns* out) const {
  ColumnsBuilder columns(out);
  for (const Part& part : parts_) {
    GenerationRows rows;
    {
      const std::shared_lock lock(part.generation->mutex);
      rows = part.generation->rows(series_id, part.group_max);
    }
    if (rows.first == nullptr) continue;
    for_each_row(rows, range, [&](const Shape& shape, std::int64_t time_ms, auto values) {
      if (range.contains(time_ms)) columns.add(shape, time_ms, values);
    });
  }
  columns.finish();
}

}  // namespace kpi
