#include "engine/cell/sketches_value.h"

#include <algorithm>

#include "engine/cell/value_envelope.h"
#include "engine/key/partition.h"
#include "kpi/assert.h"

// payload:   directory | bodies, in the order of the directory
// directory: (columns x 2 + apart) varint | per column: code gap varint, body size varint,
//            if apart: checksum u32 of the body
// code:      measure x 4 + outcome; the first gap from 0, later ones >= 1
// body:      repeated (bucket gap varint | size varint | sketch), the first gap from 0, later >= 1
// `apart` is set exactly if the bodies pass kBodiesUnderOneChecksumBytesMax; the checksum of the
// envelope then is of the directory alone.
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

struct DirectoryEntry {
  std::uint64_t code = 0, size = 0;
  std::uint32_t sum = 0;
};

// Moves to the next entry of a directory. Only the first code may be 0.
bool next_entry(ByteReader* directory, bool first, bool apart, DirectoryEntry* entry) {
  std::uint64_t gap = 0;
  if (!directory->varint(gap) || !directory->varint(entry->size)) return false;
  if (apart && !directory->little_endian(entry->sum)) return false;
  if ((gap == 0 && !first) || gap > kCodeMax - entry->code) return false;
  entry->code += gap;
  return (entry->code & 3) <= static_cast<std::uint64_t>(Outcome::kFailure);
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
  const auto payload = payload_of(value, kWhat);
  if (!payload.ok()) return payload.error();
  ByteReader reader(payload.value());
  std::uint64_t head = 0, total = 0;
  bool ok = reader.varint(head);
  const bool apart = (head & 1) != 0;
  const char* begin = reader.position();
  DirectoryEntry entry;
  for (std::uint64_t i = 0; ok && i < head / 2; ++i) {
    ok = next_entry(&reader, i == 0, apart, &entry) && entry.size != 0 &&
         entry.size <= payload.value().size() - total;
    total += entry.size;
  }
  ok = ok && total == reader.remaining() && apart == (total > kBodiesUnderOneChecksumBytesMax);
  if (!ok) return damaged(kWhat, "has a directory that cannot be read");
  const std::size_t covered = payload.value().size() - (apart ? total : 0);
  if (!checksum_fits(value, covered)) return damaged(kWhat, "does not match its checksum");
  const auto directory_size = static_cast<std::size_t>(reader.position() - begin);
  return SketchesReader({begin, directory_size}, {reader.position(), reader.remaining()}, apart);
}

bool SketchesReader::step(Cursor* cursor, std::string_view* body, std::uint32_t* sum) const {
  ByteReader directory(directory_.substr(cursor->directory_at));
  if (directory.done()) return false;
  DirectoryEntry entry{cursor->code, 0, 0};
  const bool ok = next_entry(&directory, cursor->directory_at == 0, apart_, &entry);
  KPI_ASSERT(ok);  // open() has walked here.
  *body = bodies_.substr(cursor->body_at, entry.size);
  *sum = entry.sum;
  cursor->code = entry.code;
  cursor->column = column_of(entry.code);
  cursor->body_at += entry.size;
  cursor->directory_at = directory_.size() - directory.remaining();
  return true;
}

SketchBuckets SketchesReader::buckets_of(std::string_view body, std::uint32_t sum) const {
  return {body, apart_ && checksum(body) != sum};
}

bool SketchesReader::next_column(Cursor* cursor) const {
  std::string_view body;
  std::uint32_t sum = 0;
  if (!step(cursor, &body, &sum)) return false;
  cursor->buckets = buckets_of(body, sum);
  return true;
}

SketchBuckets SketchesReader::find(SketchColumn column) const {
  std::string_view body;
  std::uint32_t sum = 0;
  for (Cursor cursor; step(&cursor, &body, &sum) && cursor.column <= column;) {
    if (cursor.column == column) return buckets_of(body, sum);
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
  const bool apart = bodies_.size() > kBodiesUnderOneChecksumBytesMax;
  append_varint(value_, directory_.size() * 2 + (apart ? 1 : 0));
  std::uint64_t previous = 0;
  std::string_view rest = bodies_;
  for (const Entry& entry : directory_) {
    append_varint(value_, entry.code - previous);
    append_varint(value_, entry.size);
    if (apart) append_little_endian(value_, checksum(rest.substr(0, entry.size)));
    rest.remove_prefix(entry.size);
    previous = entry.code;
  }
  const std::size_t directory_end = value_.size() - kEnvelopeBytes;
  value_.append(bodies_);
  seal_value(&value_, apart ? directory_end : std::string::npos);
  return value_;
}

}  // namespace kpi
