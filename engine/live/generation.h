// A generation of live events: rows of many series in blocks of one arena, between two seals.
// Written by one thread; readers get GenerationRows, whose bytes are never changed again.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/chunk/event_columns.h"
#include "kpi/event.h"

namespace kpi {

// All that rows of one form have in common, in dictionary ids.
struct Shape {
  EventKind kind;
  std::uint32_t weight = 1000;
  std::vector<std::uint32_t> measures;
  std::vector<std::uint32_t> label_values;  // Label value ids.
  std::vector<std::uint32_t> labels;        // The label ids of those values, in parallel.
  bool operator==(const Shape&) const = default;
};

// Rows in memory, back to back: varint shape, zigzag varint of time less the block's base time,
// then one varint a measure of the shape.
struct Block {
  Block* next = nullptr;
  std::int64_t base_ms = 0;
  std::int64_t min_ms = 0, max_ms = 0;  // Of its rows. Grow while rows are added.
  std::uint32_t capacity = 0, used = 0, rows = 0;
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
};

// The rows of one series that a reader may see: all of every block but the last, and a prefix of
// that one.
struct GenerationRows {
  const Block* first = nullptr;
  const Block* last = nullptr;
  std::uint32_t last_used = 0;
  std::uint32_t events = 0;
  std::shared_ptr<const std::vector<const Shape*>> shapes;  // At least all that the rows name.
};

class Generation {
 public:
  Generation();
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  // The index of `shape` in this generation, added if new.
  std::uint32_t intern(const Shape& shape);
  // `values` are the row's varints, one per measure of the shape.
  void add(std::uint32_t series, std::uint32_t shape, std::int64_t time_ms, std::string_view values);

  // Series with rows, ascending.
  std::vector<std::uint32_t> series() const;
  GenerationRows rows(std::uint32_t series) const;
  std::uint64_t events() const { return events_; }
  std::size_t memory_bytes() const { return memory_bytes_; }
  std::int64_t min_ms() const { return min_ms_; }  // Of all rows; requires events() > 0.
  std::int64_t max_ms() const { return max_ms_; }

 private:
  struct SeriesRows {
    Block* first = nullptr;
    Block* last = nullptr;
    std::uint32_t events = 0;
  };
  Block* new_block(std::size_t capacity, std::int64_t base_ms);
  SeriesRows& series_rows(std::uint32_t series);

  std::vector<std::unique_ptr<char[]>> slabs_;
  std::size_t slab_used_ = 0, slab_size_ = 0;
  std::vector<std::uint32_t> index_of_series_;  // By series id: 1 + index in rows_, 0 for none.
  std::vector<std::uint32_t> series_;           // In order of first row, parallel to rows_.
  std::vector<SeriesRows> rows_;
  std::vector<std::unique_ptr<const Shape>> shapes_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> shape_ids_;  // By hash.
  mutable std::shared_ptr<std::vector<const Shape*>> shape_list_;    // Published; grows by copy.
  std::uint64_t events_ = 0;
  std::size_t memory_bytes_ = 0;
  std::int64_t min_ms_ = 0, max_ms_ = 0;
};

// Decodes rows within `range` into columns (EventColumns of one series, in order of arrival).
void decode_rows(const GenerationRows& rows, TimeRange range, EventColumns* out);
// The same from several parts of one series, appended in turn.
void decode_rows(const std::vector<GenerationRows>& parts, TimeRange range, EventColumns* out);

}  // namespace kpi
