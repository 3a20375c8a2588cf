#include "engine/journal/record.h"

#include <xxhash.h>

#include <algorithm>

#include "engine/base/bytes.h"
#include "kpi/assert.h"
#include "kpi/limits.h"

namespace kpi {
namespace {

constexpr unsigned char kRecordVersion = 1;
constexpr std::size_t kHeaderBytes = 9;  // XXH3 of all after it, version.

bool read_ids(ByteReader& reader, std::size_t count_max, std::vector<std::uint32_t>* ids) {
  std::uint64_t count = 0;
  if (!reader.varint(count) || count > count_max || count > reader.remaining()) return false;
  ids->resize(count);
  for (std::uint32_t& id : *ids) {
    if (!reader.varint32(id) || id == 0) return false;
  }
  return true;
}

bool read_shape(ByteReader& reader, Shape* shape) {
  std::uint32_t kind = 0;
  if (!reader.varint32(kind) || !reader.varint32(shape->weight)) return false;
  shape->kind = EventKind::from_packed(kind);
  if (!shape->kind.valid() || shape->weight < kWeightMin || shape->weight > kWeightMax) {
    return false;
  }
  return read_ids(reader, kMeasuresPerEventMax, &shape->measures) &&
         read_ids(reader, kLabelsPerEventMax, &shape->label_values);
}

void append_ids(std::string& out, const std::vector<std::uint32_t>& ids) {
  append_varint(out, ids.size());
  for (const std::uint32_t id : ids) append_varint(out, id);
}

}  // namespace

std::uint32_t RecordBuilder::add_shape(const Shape& shape) {
  append_varint(shape_bytes_, shape.kind.packed());
  append_varint(shape_bytes_, shape.weight);
  append_ids(shape_bytes_, shape.measures);
  append_ids(shape_bytes_, shape.label_values);
  return static_cast<std::uint32_t>(shapes_++);
}

void RecordBuilder::add_row(std::int64_t time_ms, std::uint32_t series, std::uint32_t shape,
                            std::string_view values) {
  const std::size_t room = 3 * kVarintBytesMax + values.size();
  if (row_bytes_.size() < row_bytes_used_ + room) {
    row_bytes_.resize(std::max<std::size_t>(4096, 2 * (row_bytes_used_ + room)));
  }
  char* out = row_bytes_.data() + row_bytes_used_;
  out = put_varint(out, series);
  out = put_varint(out, shape);
  out = put_varint(out, zigzag(time_ms - last_ms_));
  out = std::copy(values.begin(), values.end(), out);
  row_bytes_used_ = static_cast<std::size_t>(out - row_bytes_.data());
  last_ms_ = time_ms;
  ++rows_;
}

std::string_view RecordBuilder::finish() {
  record_.assign(kHeaderBytes - 1, '\0');
  record_.push_back(static_cast<char>(kRecordVersion));
  append_varint(record_, shapes_);
  record_.append(shape_bytes_);
  append_varint(record_, rows_);
  record_.append(row_bytes_.data(), row_bytes_used_);
  const std::uint64_t hash = XXH3_64bits(record_.data() + 8, record_.size() - 8);
  std::memcpy(record_.data(), &hash, sizeof hash);
  shape_bytes_.clear();
  row_bytes_used_ = 0;
  shapes_ = rows_ = 0;
  last_ms_ = 0;
  return record_;
}

Error RecordReader::damaged(std::string_view what) {
  return {ErrorCode::kCorruption, "journal record: " + std::string(what), {}, 0};
}

Result<RecordReader> RecordReader::open_shapes(std::string_view record) {
  if (record.size() < kHeaderBytes) return damaged("shorter than its header");
  if (load_little_endian<std::uint64_t>(record.data()) !=
      XXH3_64bits(record.data() + 8, record.size() - 8)) {
    return damaged("checksum mismatch");
  }
  const auto version = static_cast<unsigned char>(record[8]);
  if (version != kRecordVersion) {
    return Error{ErrorCode::kUnsupported,
                 "journal record of version " + std::to_string(version) +
                     ", this program reads up to " + std::to_string(kRecordVersion),
                 {},
                 0};
  }
  ByteReader reader(record.substr(kHeaderBytes));
  RecordReader result;
  std::uint64_t shapes = 0;
  if (!reader.varint(shapes) || shapes > reader.remaining()) return damaged("number of shapes");
  result.shapes_.resize(shapes);
  for (Shape& shape : result.shapes_) {
    if (!read_shape(reader, &shape)) return damaged("a shape");
  }
  if (!reader.varint(result.rows_) || result.rows_ > reader.remaining()) {
    return damaged("number of rows");
  }
  result.rest_ = {reader.position(), reader.remaining()};
  return result;
}

Result<bool> RecordReader::next(Row* row) {
  if (read_ == rows_) {
    if (!rest_.empty()) return damaged("bytes after the last row");
    return false;
  }
  ByteReader reader(rest_);
  std::uint64_t time = 0;
  if (!reader.varint32(row->series) || !reader.varint32(row->shape) || !reader.varint(time) ||
      row->series == 0 || row->shape >= shapes_.size()) {
    return damaged("a row");
  }
  // Unsigned, where any sum is defined: the bytes may say anything.
  row->time_ms = static_cast<std::int64_t>(static_cast<std::uint64_t>(last_ms_) +
                                           static_cast<std::uint64_t>(unzigzag(time)));
  if (row->time_ms < 0 || row->time_ms > kTimeMsMax) return damaged("a row's time");
  const char* begin = reader.position();
  for (std::size_t i = 0; i < shapes_[row->shape].measures.size(); ++i) {
    std::uint32_t value = 0;
    if (!reader.varint32(value)) return damaged("a row's values");
  }
  row->values = {begin, static_cast<std::size_t>(reader.position() - begin)};
  last_ms_ = row->time_ms;
  rest_ = {reader.position(), reader.remaining()};
  ++read_;
  return true;
}

}  // namespace kpi
