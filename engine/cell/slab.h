// A slab: the counts of one day of kSeriesPerSlab neighbouring series in one value, so that a
// ranking over 100,000 series reads 25 values instead of 100,000. Pure values.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/cell/counts_value.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

// Sums stop at 2^64 - 1, as in KindCount.
struct SlabEntry {
  std::uint32_t index = 0;  // Series id = slab * kSeriesPerSlab + index.
  Counts counts;            // Of at least one event; weighted counts in thousandths.
};

void add_counts(Counts* sum, const Counts& other);
// What a counts cell comes to without its kinds.
Counts summary_of(std::span<const KindCount> cell);

// Walks over the series of a slab, ascending. The value outlives the reader.
class SlabReader {
 public:
  // Checks version and checksum. kUnsupported, kCorruption.
  static Result<SlabReader> open(std::string_view value);

  // False: no more, or damage; status() says which.
  bool next(SlabEntry* entry);
  Status status() const;

 private:
  explicit SlabReader(std::string_view payload) : rest_(payload) {}

  ByteReader rest_;
  std::uint32_t next_index_ = 0;  // The smallest that may follow.
  bool damaged_ = false;
};

// Writes a slab, series ascending. Reusable; keeps its memory.
class SlabWriter {
 public:
  void begin();
  void add(const SlabEntry& entry);
  std::string_view finish();  // The value, until the next begin().

 private:
  std::string value_;
  std::uint32_t next_index_ = 0;
};

}  // namespace kpi
