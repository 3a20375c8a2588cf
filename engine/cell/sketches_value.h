// The sketches of one (series, width, partition): for each (measure, outcome of the event) and
// bucket, one sketch. A directory leads straight to a measure; sketches are read in place.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "kpi/event.h"
#include "kpi/result.h"

namespace kpi {

// Sketches are kept apart by outcome, so that conditions on it are answered exactly. To answer
// without such a condition, merge the outcomes.
struct SketchColumn {
  std::uint32_t measure = 0;  // The dictionary's id.
  Outcome outcome = Outcome::kUnknown;
  auto operator<=>(const SketchColumn&) const = default;
};

// Buckets of one column, ascending. After next() was false, status() says: end or damage.
class SketchBuckets {
 public:
  SketchBuckets() : rest_({}) {}
  // `damaged`: the checksum of `bytes` does not fit, so nothing is read.
  SketchBuckets(std::string_view bytes, bool damaged) : rest_(bytes), damaged_(damaged) {}

  bool next();
  std::uint32_t bucket() const { return bucket_; }     // Below kPartitionBucketsMax.
  std::string_view sketch() const { return sketch_; }  // Unchecked bytes, never empty.
  Status status() const;

 private:
  ByteReader rest_;
  std::string_view sketch_;
  std::uint32_t bucket_ = 0;
  bool first_ = true, damaged_ = false;
};

// Bodies larger than this together have checksums of their own, so that reading one measure need
// not check them all: a day of minutes is a megabyte.
inline constexpr std::size_t kBodiesUnderOneChecksumBytesMax = 4096;

// Reads a sketches value in place; the value outlives the reader and all it gives. Whatever it
// gives was seen to match its checksum.
class SketchesReader {
 public:
  // Checks version, checksum and directory; columns with checksums of their own are checked when
  // they are asked for, and status() of their buckets tells. kUnsupported, kCorruption.
  static Result<SketchesReader> open(std::string_view value);

  // The buckets of a column; none where it is absent.
  SketchBuckets find(SketchColumn column) const;
  // One pass over all columns, ascending: start with a default Cursor.
  struct Cursor {
    std::size_t directory_at = 0, body_at = 0;
    std::uint64_t code = 0;
    SketchColumn column;
    SketchBuckets buckets;
  };
  bool next_column(Cursor* cursor) const;

 private:
  SketchesReader(std::string_view directory, std::string_view bodies, bool apart)
      : directory_(directory), bodies_(bodies), apart_(apart) {}
  // One step through the directory: *body and its checksum, unchecked.
  bool step(Cursor* cursor, std::string_view* body, std::uint32_t* sum) const;
  SketchBuckets buckets_of(std::string_view body, std::uint32_t sum) const;

  std::string_view directory_, bodies_;
  bool apart_;  // Bodies have checksums of their own.
};

// Writes a sketches value: columns ascending, in each the buckets ascending. Reusable; keeps its
// memory. A column without buckets is left out.
class SketchesWriter {
 public:
  void begin();
  void begin_column(SketchColumn column);
  void add(std::uint32_t bucket, std::string_view sketch);  // An empty sketch is left out.
  bool empty() const { return directory_.empty() && bodies_.empty(); }
  std::string_view finish();  // The value, until the next begin().

 private:
  void end_column();

  struct Entry {
    std::uint64_t code = 0;  // measure * 4 + outcome.
    std::size_t size = 0;
  };
  std::vector<Entry> directory_;
  std::string bodies_, value_;
  std::uint64_t code_ = 0;
  std::size_t column_begin_ = 0;   // In bodies_.
  std::uint32_t next_bucket_ = 0;  // The smallest that may follow.
};

}  // namespace kpi
