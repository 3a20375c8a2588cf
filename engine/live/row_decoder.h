// Live rows -> columns, and the walk over rows that sealing shares with it.
#pragma once
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/chunk/chunk.h"
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
    const char* const end = block->bytes() + used;
    for (const char* at = block->bytes(); at != end;) {
      ByteReader reader({at, static_cast<std::size_t>(end - at)});
      std::uint64_t shape = 0, group = 0, time = 0;
      KPI_ASSERT(reader.varint(shape) && reader.varint(group) && reader.varint(time));
      if (group + block->base_group > rows.group_max) return;  // Groups only grow.
      const Shape& form = (*rows.shapes)[static_cast<std::uint32_t>(shape)];
      const char* const values = reader.position();
      at = skip_varints(values, end, form.measures.size());
      KPI_ASSERT(at != nullptr);  // Rows of our own memory.
      visit(form, block->base_ms + unzigzag(time),
            std::string_view(values, static_cast<std::size_t>(at - values)));
    }
    block = last ? nullptr : block->next;
  }
}

// Gathers the wanted columns of rows. Reuses the memory of *out and what it knows of shapes, which
// must outlive it; restart() begins a new piece.
class ColumnsBuilder {
 public:
  ColumnsBuilder(EventColumns* out, const ChunkSelection& selection);
  void add(const Shape& shape, std::int64_t time_ms, std::string_view values);
  std::size_t size() const { return out_.size(); }
  void finish();   // Settles the columns of *out.
  void restart();  // Forgets the rows.

 private:
  // Where the wanted values of a shape's rows go.
  struct Step {
    std::uint32_t skipped = 0;  // Values before this one that nobody wants.
    std::uint32_t column = 0;   // In out_.measures.
  };
  struct Route {
    std::vector<Step> values;
    std::vector<std::uint32_t> labels;  // Columns in out_.labels, one a label of the shape.
  };
  const Route& route(const Shape& shape);
  bool wants(std::uint32_t measure) const;
  std::uint32_t measure_column(std::uint32_t id);
  std::uint32_t label_column(std::uint32_t id);

  EventColumns& out_;
  const ChunkSelection selection_;
  const Shape* shape_ = nullptr;  // Of the row before, and its route.
  const Route* route_ = nullptr;
  std::unordered_map<const Shape*, Route> routes_;
  bool moved_ = false;  // Columns have moved since the routes were found.
};

// Every column.
inline ChunkSelection every_column() {
  ChunkSelection selection;
  selection.all_measures = true;
  selection.labels = true;
  return selection;
}

}  // namespace kpi
