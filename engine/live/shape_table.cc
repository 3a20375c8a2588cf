#include "engine/live/shape_table.h"

#include <xxhash.h>

#include <bit>

namespace kpi {
namespace {

std::uint64_t hash_shape(const Shape& shape) {
  std::uint64_t hash = (std::uint64_t{shape.kind.packed()} << 32) ^ shape.weight;
  hash = XXH3_64bits_withSeed(shape.measures.data(), shape.measures.size() * sizeof(std::uint32_t),
                              hash);
  return XXH3_64bits_withSeed(shape.label_values.data(),
                              shape.label_values.size() * sizeof(std::uint32_t), hash);
}

struct Place {
  std::size_t piece, offset;
};
Place place_of(std::uint32_t index, std::uint32_t first_piece) {
  const std::uint32_t shifted = index / first_piece + 1;
  const auto piece = static_cast<std::size_t>(std::bit_width(shifted) - 1);
  const std::size_t begin = std::size_t{first_piece} * ((std::size_t{1} << piece) - 1);
  return {piece, index - begin};
}

}  // namespace

std::uint32_t ShapeTable::intern(const Shape& shape) {
  const std::uint64_t hash = hash_shape(shape);
  const auto [begin, end] = indexes_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if ((*this)[it->second] == shape) return it->second;
  }
  const auto index = static_cast<std::uint32_t>(size_);
  const Place place = place_of(index, kFirstPiece);
  if (!pieces_[place.piece]) {
    const std::size_t shapes = std::size_t{kFirstPiece} << place.piece;
    pieces_[place.piece] = std::make_unique<Shape[]>(shapes);
    memory_bytes_ += shapes * sizeof(Shape);
  }
  pieces_[place.piece][place.offset] = shape;
  indexes_.emplace(hash, index);
  ++size_;
  constexpr std::size_t kNodeBytes = 48;  // Of the hash map, about.
  memory_bytes_ += kNodeBytes + 4 * (shape.measures.size() + 2 * shape.label_values.size());
  return index;
}

const Shape& ShapeTable::operator[](std::uint32_t index) const {
  const Place place = place_of(index, kFirstPiece);
  return pieces_[place.piece][place.offset];
}

}  // namespace kpi
