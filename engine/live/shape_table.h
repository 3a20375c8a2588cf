// Shapes of live rows: what rows of one form have in common, kept once. One thread adds; readers
// look up indexes that they learned under the generation's lock, without a lock of their own,
// because a shape never moves once it stands.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "kpi/event.h"

namespace kpi {

struct Shape {  // In dictionary ids.
  EventKind kind;
  std::uint32_t weight = 1000;
  std::vector<std::uint32_t> measures;      // In the order of a row's values.
  std::vector<std::uint32_t> label_values;  // Label value ids,
  std::vector<std::uint32_t> labels;        // and the labels they belong to, in parallel.
  bool operator==(const Shape&) const = default;
};

class ShapeTable {
 public:
  // The index of `shape`, dense from 0, added if new.
  std::uint32_t intern(const Shape& shape);
  const Shape& operator[](std::uint32_t index) const;
  std::size_t size() const { return size_; }
  // Any thread, at any time.
  std::size_t memory_bytes() const { return memory_bytes_.load(std::memory_order_relaxed); }

 private:
  // Piece p holds 64 << p shapes, so 26 pieces hold all that 32 bits can name.
  static constexpr std::uint32_t kFirstPiece = 64;
  std::array<std::unique_ptr<Shape[]>, 27> pieces_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> indexes_;  // By hash.
  std::size_t size_ = 0;
  std::atomic<std::size_t> memory_bytes_{0};
};

}  // namespace kpi
