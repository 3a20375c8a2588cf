#include "engine/read/sketch_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/sketch/stored_sketch.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

constexpr std::size_t kBlockBytes = 256U << 10;

void add_all(std::span<const std::uint32_t> values, std::span<const std::uint32_t> weights,
             SketchBuilder* builder) {
  if (weights.empty()) return builder->add(values);
  for (std::size_t i = 0; i < values.size(); ++i) builder->add(values[i], weights[i]);
}

}  // namespace

SketchTable::SketchTable(std::size_t measures, std::size_t arena_bytes_max)
    : measures_(measures), arena_bytes_max_(arena_bytes_max), budget_(arena_bytes_max) {
  KPI_ASSERT(measures > 0);
}

SketchTable::Cell& SketchTable::cell(std::uint32_t group, std::size_t measure) {
  const std::size_t at = group * measures_ + measure;
  if (at >= cells_.size()) cells_.resize((std::size_t{group} + 1) * measures_);
  return cells_[at];
}

Status SketchTable::add_slice(std::uint32_t group, std::size_t measure, std::string_view bytes) {
  Cell& cell = this->cell(group, measure);
  if (cell.builder == 0 && cell.pieces >= kPiecesMax && builders_.size() < kBuildersMax) {
    if (Status status = promote(&cell); !status.ok()) return status;
  }
  if (cell.builder != 0) return builders_[cell.builder - 1].merge_bytes(bytes);
  return keep(&cell, bytes);
}

Status SketchTable::add_values(std::uint32_t group, std::size_t measure,
                               std::span<const std::uint32_t> values,
                               std::span<const std::uint32_t> weights) {
  Cell& cell = this->cell(group, measure);
  if (cell.builder == 0 && cell.pieces > 0 && builders_.size() < kBuildersMax) {
    if (Status status = promote(&cell); !status.ok()) return status;
  }
  if (cell.builder != 0) {
    add_all(values, weights, &builders_[cell.builder - 1]);
    return ok_status();
  }
  add_all(values, weights, &scratch_);
  return keep(&cell, scratch_.build().bytes());
}

Status SketchTable::promote(Cell* cell) {
  builders_.emplace_back();
  cell->builder = static_cast<std::uint32_t>(builders_.size());
  Status status = merge_pieces(*cell, &builders_.back());
  cell->first = 0;
  cell->pieces = 0;
  return status;
}

Status SketchTable::merge_pieces(const Cell& cell, SketchBuilder* builder) const {
  for (std::uint32_t at = cell.first; at != 0; at = pieces_[at - 1].next) {
    const Piece& piece = pieces_[at - 1];
    if (Status status = builder->merge_bytes({piece.data, piece.size}); !status.ok()) return status;
  }
  return ok_status();
}

Status SketchTable::keep(Cell* cell, std::string_view bytes) {
  if (arena_used_ + bytes.size() > budget_) {
    if (Status status = compact(); !status.ok()) return status;
  }
  pieces_.push_back({copy(bytes), static_cast<std::uint32_t>(bytes.size()), cell->first});
  cell->first = static_cast<std::uint32_t>(pieces_.size());
  ++cell->pieces;
  return ok_status();
}

const char* SketchTable::copy(std::string_view bytes) {
  if (block_size_ - block_used_ < bytes.size()) {
    block_size_ = std::max(kBlockBytes, bytes.size());
    blocks_.emplace_back(new char[block_size_]);
    block_used_ = 0;
  }
  char* out = blocks_.back().get() + block_used_;
  std::memcpy(out, bytes.data(), bytes.size());
  block_used_ += bytes.size();
  arena_used_ += bytes.size();
  return out;
}

// Every chain of pieces becomes one piece. What is left is the result so far; letting as much come
// again before the next time keeps the work linear.
Status SketchTable::compact() {
  const Arena old = std::exchange(blocks_, {});
  const std::vector<Piece> pieces = std::exchange(pieces_, {});
  block_used_ = block_size_ = arena_used_ = 0;
  for (Cell& cell : cells_) {
    if (cell.first == 0) continue;
    std::string_view bytes{pieces[cell.first - 1].data, pieces[cell.first - 1].size};
    Sketch merged;
    if (cell.pieces > 1) {
      for (std::uint32_t at = cell.first; at != 0; at = pieces[at - 1].next) {
        Status status = scratch_.merge_bytes({pieces[at - 1].data, pieces[at - 1].size});
        if (!status.ok()) return status;
      }
      merged = scratch_.build();
      bytes = merged.bytes();
    }
    pieces_.push_back({copy(bytes), static_cast<std::uint32_t>(bytes.size()), 0});
    cell.first = static_cast<std::uint32_t>(pieces_.size());
    cell.pieces = 1;
  }
  budget_ = std::max(arena_bytes_max_, arena_used_ * 2);
  return ok_status();
}

Result<Sketch> SketchTable::finish(const Cell& cell) {
  if (cell.builder != 0) return builders_[cell.builder - 1].build();
  if (cell.first == 0) return Sketch();
  const Piece& piece = pieces_[cell.first - 1];
  if (cell.pieces == 1) return StoredSketch::take({piece.data, piece.size});
  if (Status status = merge_pieces(cell, &scratch_); !status.ok()) return status.error();
  return scratch_.build();
}

Result<std::vector<std::vector<Sketch>>> SketchTable::build(std::size_t groups) {
  std::vector<std::vector<Sketch>> sketches(measures_, std::vector<Sketch>(groups));
  KPI_ASSERT(cells_.size() <= groups * measures_);
  for (std::size_t at = 0; at < cells_.size(); ++at) {
    Result<Sketch> sketch = finish(cells_[at]);
    if (!sketch.ok()) return sketch.error();
    sketches[at % measures_][at / measures_] = std::move(sketch).value();
  }
  cells_.clear();
  pieces_.clear();
  blocks_.clear();
  builders_.clear();
  block_used_ = block_size_ = arena_used_ = 0;
  return sketches;
}

}  // namespace kpi
