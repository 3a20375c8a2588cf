#include "engine/cell/sketches_value.h"

#include <algorithm>

#include "engine/cell/value_envelope.h"
#include "engine/key/partition.h"
#include "kpi/assert.h"

// payload: columns varint | per column: code gap varint, body size varint | bodies in that order
// code:    measure x 4 + outcome; the first gap from 0, later ones >= 1
// body:    repeated (bucket gap varint | size varint | sketch), the first gap from 0, later >= 1
namespace kpi {
namespace {

constexpr std::string_view kWhat = "a sketches value";
constexpr std::uint64_t kCodeMax = (std::uint64_t{UINT32_MAX} << 2) | 2;

std::uint64_t code_of(SketchColumn column) {
  return (std::uint64_t{column.measure} << 2) | static_cast<std::uint64_t>(column.outcome);
}
SketchColumn column_of(std::uint64_t code) {
  return {static_cast<std::uint32_t>(code >> 2), static_cast<Outcome>(code & 3)};
}

// One step through a directory whose first code is allowed to be 0.
bool next_entry(ByteReader* directory, bool first, std::uint64_t* code, std::uint64_t* size) {
  std::uint64_t gap = 0;
  if (!directory->varint(gap) || !directory->varint(*size)) return false;
  if ((gap == 0 && !first) || gap > kCodeMax - *code) return false;
  *code += gap;
  return (*code & 3) <= static_cast<std::uint64_t>(Outcome::kFailure);
}

}  // namespace

bool SketchBuckets::next() {
  if (damaged_ || rest_.done()) return false;
  std::uint32_t gap = 0;
  std::uint64_t size = 0;
  if (!rest_.varint32(gap) || !rest_.varint(size) || size == 0 || !rest_.take(size, sketch_) ||
      (gap == 0 && !first_) || gap >= kPartitionBucketsMax - bucket_) {
    damaged_ = true;
    return false;
  }
  bucket_ += gap;
  first_ = false;
  return true;
}

Status SketchBuckets::status() const {
  if (damaged_) return damaged(kWhat, "has a bucket that cannot be read");
  return ok_status();
}

Result<SketchesReader> SketchesReader::open(std::string_view value) {
  auto payload = open_value(value, kWhat);
  if (!payload.ok()) return std::move(payload).error();
  ByteReader reader(payload.value());
  const Error bad_directory = damaged(kWhat, "has a directory that cannot be read");
  std::uint64_t columns = 0;
  if (!reader.varint(columns)) return bad_directory;
  const char* begin = reader.position();
  std::uint64_t code = 0, total = 0;
  for (std::uint64_t i = 0; i < columns; ++i) {
    std::uint64_t size = 0;
    if (!next_entry(&reader, i == 0, &code, &size)) return bad_directory;
    if (size == 0 || size > payload.value().size() - total) return bad_directory;
    total += size;
  }
  if (total != reader.remaining()) return bad_directory;
  const auto directory_size = static_cast<std::size_t>(reader.position() - begin);
  return SketchesReader({begin, directory_size}, {reader.position(), reader.remaining()});
}

bool SketchesReader::next_column(Cursor* cursor) const {
  ByteReader directory(directory_.substr(cursor->directory_at));
  if (directory.done()) return false;
  std::uint64_t size = 0;
  const bool ok = next_entry(&directory, cursor->directory_at == 0, &cursor->code, &size);
  KPI_ASSERT(ok);  // open() has walked here.
  cursor->column = column_of(cursor->code);
  cursor->buckets = SketchBuckets(bodies_.substr(cursor->body_at, size));
  cursor->body_at += size;
  cursor->directory_at = directory_.size() - directory.remaining();
  return true;
}

SketchBuckets SketchesReader::find(SketchColumn column) const {
  Cursor cursor;
  while (next_column(&cursor)) {
    if (cursor.column == column) return cursor.buckets;
    if (cursor.column > column) break;
  }
  return {};
}

void SketchesWriter::begin() {
  directory_.clear();
  bodies_.clear();
  code_ = 0;
  column_begin_ = 0;
  next_bucket_ = 0;
}

void SketchesWriter::begin_column(SketchColumn column) {
  end_column();
  code_ = code_of(column);
  KPI_ASSERT(directory_.empty() || code_ > directory_.back().code);
  next_bucket_ = 0;
}

void SketchesWriter::end_column() {
  if (bodies_.size() > column_begin_) directory_.push_back({code_, bodies_.size() - column_begin_});
  column_begin_ = bodies_.size();
}

void SketchesWriter::add(std::uint32_t bucket, std::string_view sketch) {
  if (sketch.empty()) return;
  KPI_ASSERT(bucket >= next_bucket_ && bucket < kPartitionBucketsMax);
  const std::uint32_t previous = next_bucket_ == 0 ? 0 : next_bucket_ - 1;
  append_varint(bodies_, bucket - previous);
  append_varint(bodies_, sketch.size());
  bodies_.append(sketch);
  next_bucket_ = bucket + 1;
}

std::string_view SketchesWriter::finish() {
  end_column();
  begin_value(&value_);
  append_varint(value_, directory_.size());
  std::uint64_t previous = 0;
  for (const Entry& entry : directory_) {
    append_varint(value_, entry.code - previous);
    append_varint(value_, entry.size);
    previous = entry.code;
  }
  value_.append(bodies_);
  seal_value(&value_);
  return value_;
}

}  // namespace kpi
