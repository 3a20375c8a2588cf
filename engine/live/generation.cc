#include "engine/live/generation.h"

#include <algorithm>
#include <new>

#include "engine/base/bytes.h"

namespace kpi {
namespace {

constexpr std::size_t kSlabBytes = 1U << 20;
constexpr std::size_t kBlockBytesMin = 128, kBlockBytesMax = 4096;  // With the header.

}  // namespace

Generation::SeriesRows& Generation::series_rows(std::uint32_t series) {
  if (series >= index_of_series_.size()) {
    const std::size_t size = std::max<std::size_t>(series + 1, index_of_series_.size() * 2);
    memory_bytes_ += (size - index_of_series_.size()) * sizeof(std::uint32_t);
    index_of_series_.resize(size, 0);
  }
  std::uint32_t& index = index_of_series_[series];
  if (index == 0) {
    rows_.emplace_back();
    series_.push_back(series);
    index = static_cast<std::uint32_t>(rows_.size());
    memory_bytes_ += sizeof(SeriesRows) + sizeof(std::uint32_t);
  }
  return rows_[index - 1];
}

Block* Generation::new_block(std::size_t capacity, std::int64_t base_ms, std::uint64_t base_group) {
  const std::size_t size = (sizeof(Block) + capacity + alignof(Block) - 1) & ~(alignof(Block) - 1);
  if (slab_size_ - slab_used_ < size) {
    slab_size_ = std::max(kSlabBytes, size);
    slabs_.push_back(std::unique_ptr<char[]>(new char[slab_size_]));
    slab_used_ = 0;
    memory_bytes_ += slab_size_;
  }
  auto* block = new (slabs_.back().get() + slab_used_) Block;
  slab_used_ += size;
  block->capacity = static_cast<std::uint32_t>(size - sizeof(Block));
  block->base_ms = block->min_ms = block->max_ms = base_ms;
  block->base_group = base_group;
  return block;
}

void Generation::add(std::uint32_t series, std::uint32_t shape, std::uint64_t group,
                     std::int64_t time_ms, std::string_view values) {
  SeriesRows& rows = series_rows(series);
  const std::size_t size_max = 3 * kVarintBytesMax + values.size();
  if (rows.last == nullptr || rows.last->capacity - rows.last->used < size_max) {
    const std::size_t grown =
        rows.last == nullptr ? kBlockBytesMin
                             : std::min(kBlockBytesMax, 2 * (rows.last->capacity + sizeof(Block)));
    Block* block = new_block(std::max(grown - sizeof(Block), size_max), time_ms, group);
    if (rows.last == nullptr) {
      rows.first = block;
    } else {
      rows.last->next = block;
    }
    rows.last = block;
  }
  Block& block = *rows.last;
  char* out = block.bytes() + block.used;
  out = put_varint(out, shape);
  out = put_varint(out, group - block.base_group);
  out = put_varint(out, zigzag(time_ms - block.base_ms));
  out = std::copy(values.begin(), values.end(), out);
  block.used = static_cast<std::uint32_t>(out - block.bytes());
  block.min_ms = std::min(block.min_ms, time_ms);
  block.max_ms = std::max(block.max_ms, time_ms);
  ++rows.events;
  min_ms_ = events_ == 0 ? time_ms : std::min(min_ms_, time_ms);
  max_ms_ = events_ == 0 ? time_ms : std::max(max_ms_, time_ms);
  ++events_;
}

std::vector<std::uint32_t> Generation::series() const {
  std::vector<std::uint32_t> sorted = series_;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

GenerationRows Generation::rows(std::uint32_t series, std::uint64_t group_max) const {
  GenerationRows result;
  if (series >= index_of_series_.size() || index_of_series_[series] == 0) return result;
  const SeriesRows& rows = rows_[index_of_series_[series] - 1];
  result.first = rows.first;
  result.last = rows.last;
  result.last_used = rows.last->used;
  result.events = rows.events;
  result.group_max = group_max;
  result.shapes = &shapes_;
  return result;
}

}  // namespace kpi
