// A generation of live events: rows of many series in blocks of one arena, between two seals.
// One thread writes, under `mutex` held exclusively; readers take a series' rows under `mutex`
// held shared and then read them without it, since rows never change and never move.
#pragma once
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "engine/live/shape_table.h"

namespace kpi {

// Rows back to back: varint shape | varint of commit group less base_group | zigzag varint of time
// less base_ms | one varint a measure of the shape.
struct Block {
  Block* next = nullptr;
  std::int64_t base_ms = 0;
  std::int64_t min_ms = 0, max_ms = 0;  // Of its rows; settled once the block has a next one.
  std::uint64_t base_group = 0;
  std::uint32_t capacity = 0, used = 0;
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
};

// What a reader may see of one series: every block up to `last`, and `last_used` bytes of that.
struct GenerationRows {
  const Block* first = nullptr;  // nullptr: no rows.
  const Block* last = nullptr;
  std::uint32_t last_used = 0;
  std::uint32_t events = 0;
  std::uint64_t group_max = 0;  // Rows of later commit groups are not to be seen.
  const ShapeTable* shapes = nullptr;
};

class Generation {
 public:
  Generation() = default;
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  // Writer only.
  std::uint32_t intern(const Shape& shape) { return shapes_.intern(shape); }
  const ShapeTable& shapes() const { return shapes_; }
  // `values` are the row's varints, one per measure of the shape. Groups never decrease.
  void add(std::uint32_t series, std::uint32_t shape, std::uint64_t group, std::int64_t time_ms,
           std::string_view values);

  // Any thread, under `mutex`. The rows are those of groups up to `group_max`.
  std::vector<std::uint32_t> series() const;  // With rows, ascending.
  GenerationRows rows(std::uint32_t series, std::uint64_t group_max) const;
  std::uint64_t events() const { return events_; }
  std::size_t memory_bytes() const { return memory_bytes_ + shapes_.memory_bytes(); }
  std::int64_t min_ms() const { return min_ms_; }  // Of all rows; requires events() > 0.
  std::int64_t max_ms() const { return max_ms_; }

  mutable std::shared_mutex mutex;

 private:
  struct SeriesRows {
    Block* first = nullptr;
    Block* last = nullptr;
    std::uint32_t events = 0;
  };
  SeriesRows& series_rows(std::uint32_t series);
  Block* new_block(std::size_t capacity, std::int64_t base_ms, std::uint64_t base_group);

  ShapeTable shapes_;
  std::vector<std::unique_ptr<char[]>> slabs_;
  std::size_t slab_used_ = 0, slab_size_ = 0;   // Of the last slab.
  std::vector<std::uint32_t> index_of_series_;  // By series id: 1 + index in rows_; 0: none.
  std::vector<std::uint32_t> series_;           // In order of first row, parallel to rows_.
  std::vector<SeriesRows> rows_;
  std::uint64_t events_ = 0;
  std::size_t memory_bytes_ = 0;
  std::int64_t min_ms_ = 0, max_ms_ = 0;
};

}  // namespace kpi
