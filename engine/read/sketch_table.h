// Sketches of (group, measure), gathered from slices and values: what is alone is kept as it is,
// what meets others is merged, many at once.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "kpi/result.h"
#include "kpi/sketch.h"

namespace kpi {

// Memory: the result's size, plus `arena_bytes_max` or as much again, whichever is more, plus
// kBuildersMax builders. Not thread-safe.
class SketchTable {
 public:
  static constexpr std::size_t kArenaBytesMax = 32U << 20;
  static constexpr std::size_t kBuildersMax = 1024;
  // So many pieces of one sketch are kept before they get a builder of their own.
  static constexpr std::uint32_t kPiecesMax = 8;

  // `measures`: how many sketches a group has, at least 1.
  explicit SketchTable(std::size_t measures, std::size_t arena_bytes_max = kArenaBytesMax);

  // Adds a sketch's bytes, which a checksum vouches for. kCorruption where they are none.
  Status add_slice(std::uint32_t group, std::size_t measure, std::string_view bytes);
  // Adds values; `weights` (in thousandths) has as many, or none: all 1000.
  Status add_values(std::uint32_t group, std::size_t measure, std::span<const std::uint32_t> values,
                    std::span<const std::uint32_t> weights);

  // [measure][group] for groups 0..groups - 1. The table is empty afterwards.
  Result<std::vector<std::vector<Sketch>>> build(std::size_t groups);

 private:
  struct Piece {
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t next = 0;  // 1 + index in pieces_; 0: none.
  };
  struct Cell {
    std::uint32_t first = 0;  // 1 + index in pieces_.
    std::uint32_t pieces = 0;
    std::uint32_t builder = 0;  // 1 + index in builders_.
  };
  using Arena = std::vector<std::unique_ptr<char[]>>;

  Cell& cell(std::uint32_t group, std::size_t measure);
  Status promote(Cell* cell);
  Status merge_pieces(const Cell& cell, SketchBuilder* builder) const;
  Result<Sketch> finish(const Cell& cell);
  Status keep(Cell* cell, std::string_view bytes);
  Status compact();
  const char* copy(std::string_view bytes);

  const std::size_t measures_, arena_bytes_max_;
  std::size_t budget_;
  std::vector<Cell> cells_;  // [group * measures_ + measure]
  std::vector<Piece> pieces_;
  Arena blocks_;
  std::size_t block_used_ = 0, block_size_ = 0;  // Of the last block.
  std::size_t arena_used_ = 0;
  std::vector<SketchBuilder> builders_;
  SketchBuilder scratch_;
};

}  // namespace kpi
