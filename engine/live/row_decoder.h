// Live rows -> columns, and the walk over rows that sealing shares with it.
#pragma once
#include <cstdint>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/chunk/event_columns.h"
#include "engine/live/generation.h"
#include "kpi/assert.h"
#include "kpi/event.h"

namespace kpi {

// Calls visit(const Shape&, time_ms, values bytes) for every visible row, in order of arrival.
// Blocks that lie outside `range` as a whole are passed over; rows outside it may still come.
template <class Visit>
void for_each_row(const GenerationRows& rows, TimeRange range, Visit&& visit) {
  for (const Block* block = rows.first; block != nullptr;) {
    const bool last = block == rows.last;
    // The last block's bounds may be growing under a writer, so they are not looked at.
    if (!last && (block->max_ms < range.begin_ms || block->min_ms >= range.end_ms)) {
      block = block->next;
      continue;
    }
    const std::uint32_t used = last ? rows.last_used : block->used;
    ByteReader reader({block->bytes(), used});
    while (!reader.done()) {
      std::uint64_t shape = 0, group = 0, time = 0, value = 0;
      bool ok = reader.varint(shape) && reader.varint(group) && reader.varint(time);
      if (ok && group + block->base_group > rows.group_max) return;  // Groups only grow.
      const Shape& form = (*rows.shapes)[static_cast<std::uint32_t>(shape)];
      const char* begin = reader.position();
      for (std::size_t i = 0; ok && i < form.measures.size(); ++i) ok = reader.varint(value);
      KPI_ASSERT(ok);  // Rows of our own memory.
      visit(form, block->base_ms + unzigzag(time),
            std::string_view(begin, static_cast<std::size_t>(reader.position() - begin)));
    }
    block = last ? nullptr : block->next;
  }
}

// Gathers rows into columns. begin() forgets what was there; finish() settles the columns.
class ColumnsBuilder {
 public:
  explicit ColumnsBuilder(EventColumns* out) : out_(*out) { out_.clear(); }
  void add(const Shape& shape, std::int64_t time_ms, std::string_view values);
  void finish();

 private:
  // Where a shape's values go; found again for the rows that follow in the same shape.
  void use_shape(const Shape& shape);

  EventColumns& out_;
  const Shape* shape_ = nullptr;
  std::vector<std::uint32_t> measure_columns_, label_columns_;
};

}  // namespace kpi
