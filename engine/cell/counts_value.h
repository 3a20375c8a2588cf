// The counts of one (series, width, partition): for each bucket, how many events of each kind.
// Pure values; every weighted count is in thousandths, in memory and out.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "kpi/event.h"
#include "kpi/result.h"
#include "kpi/transfer.h"

namespace kpi {

// Sums of a KindCount stop at so many events, and at 2^64 - 1 thousandths.
inline constexpr std::uint64_t kCountEventsMax = UINT64_MAX / 1000;

// What one bucket holds. Kinds ascend and are unique.
using CountsCell = std::vector<KindCount>;

void add_count(KindCount* sum, const KindCount& count);  // Of the same kind.
// Makes a cell of counts in any order, kinds repeated: what merging cells comes to.
void fold_counts(CountsCell* counts);

// Walks over the kinds of one bucket, ascending. After next() was false, status(): end or damage.
class CountsCellReader {
 public:
  CountsCellReader() : rest_({}) {}
  explicit CountsCellReader(std::string_view cell_bytes);

  bool next(KindCount* count);
  bool damaged() const { return damaged_; }
  Status status() const;

 private:
  bool fail();

  ByteReader rest_;
  std::uint64_t left_ = 0;
  std::uint32_t kind_ = 0;
  bool weighted_ = false, any_excess_ = false, first_ = true, damaged_ = false;
};

// Walks over a counts value in place, buckets ascending, without allocating:
//   while (reader.next()) { reader.bucket(); while (reader.next_kind(&count)) ...; }
// then status() says whether the end was reached or damage. The value outlives the reader.
class CountsReader {
 public:
  // Checks version and checksum. kUnsupported, kCorruption.
  static Result<CountsReader> open(std::string_view value);

  // Moves to the next bucket, wherever the kinds of this one were left. False: no more, or damage.
  bool next();
  std::uint32_t bucket() const { return bucket_; }       // Below kPartitionBucketsMax.
  std::string_view cell_bytes() const { return cell_; }  // For a copy as it is.
  // The kinds of this bucket, ascending. False: no more, or damage.
  bool next_kind(KindCount* count) { return kinds_.next(count); }
  // Replaces *cell with all kinds of this bucket.
  void read_cell(CountsCell* cell);
  Status status() const;

 private:
  explicit CountsReader(std::string_view payload) : rest_(payload) {}

  ByteReader rest_;         // Behind this bucket.
  CountsCellReader kinds_;  // Of this bucket.
  std::string_view cell_;
  std::uint32_t bucket_ = 0;
  bool first_ = true, damaged_ = false;
};

// Writes a counts value bucket by bucket, in ascending order. Reusable; keeps its memory.
class CountsWriter {
 public:
  void begin();
  void add(std::uint32_t bucket, std::span<const KindCount> cell);    // An empty cell is left out.
  void add_bytes(std::uint32_t bucket, std::string_view cell_bytes);  // As CountsReader gave them.
  bool empty() const;
  std::string_view finish();  // The value, until the next begin().

 private:
  std::string value_, scratch_;
  std::uint32_t next_bucket_ = 0;  // The smallest that may follow.
};

}  // namespace kpi
