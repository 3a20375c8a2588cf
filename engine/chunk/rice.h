// Split Rice columns: integers over their minimum, the low k bits of each in one array, the rest
// in unary in another. varint min | byte k | varint Q = sum((v - min) >> k) | ceil(n k / 8) bytes
// of low bits | ceil((n + Q) / 8) bytes of unary parts: as many zeros as the part says, then a one.
// Equal values only: k = 255, and the column ends there. Lengths follow, so columns are skippable.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"

namespace kpi {

inline constexpr std::uint8_t kRiceConstant = 255;

// How a column would be written: what it costs can be asked before it is.
struct RicePlan {
  explicit RicePlan(std::span<const std::uint32_t> values);  // At least one.
  std::size_t low_bytes() const { return constant() ? 0 : (count * k + 7) / 8; }
  std::size_t unary_bytes() const { return constant() ? 0 : (count + unary + 7) / 8; }
  std::size_t bytes() const;
  bool constant() const { return k == kRiceConstant; }

  std::size_t count = 0;
  std::uint32_t min = 0;
  std::uint8_t k = kRiceConstant;
  std::uint64_t unary = 0;  // Q; below 4 x count with the k chosen here.
};

// Appends `values`, which `plan` was made for.
void append_rice(const RicePlan& plan, std::span<const std::uint32_t> values, std::string* out);
void append_rice(std::span<const std::uint32_t> values, std::string* out);

// A column of `count` >= 1 values at the front of a reader. Both return false where the bytes are
// damaged; no read leaves the reader's slice.
bool skip_rice(ByteReader& reader, std::size_t count);
bool read_rice(ByteReader& reader, std::size_t count, std::uint32_t* values);

}  // namespace kpi
