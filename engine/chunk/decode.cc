#include <xxhash.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/chunk/chunk.h"
#include "engine/chunk/format.h"
#include "engine/chunk/rice.h"

namespace kpi {
namespace {

using chunk::Presence;
using Values = std::vector<std::uint32_t>;

// What a measure and a label take at the least: no count of them is believed beyond that.
constexpr std::size_t kMeasureBytesMin = 4, kLabelBytesMin = 3;
constexpr std::size_t kNoList = ~std::size_t{0};

Error corruption() { return {ErrorCode::kCorruption, "A chunk's bytes are damaged"}; }

struct Header {
  std::uint32_t count = 0;
  std::int64_t first_ms = 0, last_ms = 0;  // Within the day.
};

bool read_header(ByteReader& reader, Header& header) {
  std::uint64_t first = 0, spread = 0;
  if (!reader.varint32(header.count) || !reader.varint(first) || !reader.varint(spread)) {
    return false;
  }
  if (header.count == 0 || header.count > kChunkEventsMax) return false;
  const auto day = static_cast<std::uint64_t>(kDayMs);
  if (first >= day || spread >= day - first) return false;
  header.first_ms = static_cast<std::int64_t>(first);
  header.last_ms = static_cast<std::int64_t>(first + spread);
  return true;
}

// Leaves the reader behind the version, which is one this code knows.
Status open_chunk(ByteReader& reader) {
  std::string_view checksum;
  std::uint8_t version = 0;
  if (!reader.take(chunk::kChecksumBytes, checksum) || !reader.little_endian(version)) {
    return corruption();
  }
  if (version > chunk::kVersion) {
    return Error{ErrorCode::kUnsupported,
                 "A chunk has format version " + std::to_string(version) + ", newer than " +
                     std::to_string(chunk::kVersion),
                 "Open the data with the newer release that wrote it"};
  }
  if (version == 0) return corruption();
  return ok_status();
}

bool checksum_matches(std::string_view bytes) {
  if (bytes.size() < chunk::kChecksumBytes) return false;
  const std::string_view body = bytes.substr(chunk::kChecksumBytes);
  return XXH3_64bits(body.data(), body.size()) == load_little_endian<std::uint64_t>(bytes.data());
}

// From gaps to ascending rows, all below `limit`.
bool rows_from_gaps(Values& gaps, std::size_t limit) {
  std::uint64_t next = 0;
  for (std::uint32_t& gap : gaps) {
    next += gap;
    if (next >= limit) return false;
    gap = static_cast<std::uint32_t>(next++);
  }
  return true;
}

bool read_rows(ByteReader& reader, std::size_t count, std::size_t limit, Values& rows) {
  rows.resize(count);
  return read_rice(reader, count, rows.data()) && rows_from_gaps(rows, limit);
}

bool read_by_dictionary(ByteReader& reader, std::size_t count, Values& values) {
  std::uint64_t size = 0, next = 0;
  if (!reader.varint(size) || size == 0 || size > count || size > reader.remaining()) return false;
  Values dictionary(static_cast<std::size_t>(size));
  for (std::uint32_t& entry : dictionary) {
    std::uint32_t step = 0;
    if (!reader.varint32(step) || next + step > 0xFFFFFFFF) return false;
    entry = static_cast<std::uint32_t>(next + step);
    next = std::uint64_t{entry} + 1;
  }
  values.resize(count);
  if (size == 1) {
    std::fill(values.begin(), values.end(), dictionary[0]);
    return true;
  }
  if (!read_rice(reader, count, values.data())) return false;
  for (std::uint32_t& value : values) {
    if (value >= size) return false;
    value = dictionary[value];
  }
  return true;
}

bool skip_by_dictionary(ByteReader& reader, std::size_t count) {
  std::uint64_t size = 0;
  if (!reader.varint(size) || size == 0 || size > count) return false;
  for (std::uint64_t i = 0; i < size; ++i) {
    std::uint32_t step = 0;
    if (!reader.varint32(step)) return false;
  }
  return size == 1 || skip_rice(reader, count);
}

class Decoder {
 public:
  Decoder(std::string_view bytes, const ChunkSelection& selection, EventColumns* out)
      : bytes_(bytes), reader_(bytes), selection_(selection), out_(*out) {}
  Status decode(std::int64_t day_begin_ms);

 private:
  // A measure as its bytes declare it; the readers stand where its columns begin.
  struct Column {
    std::uint32_t id = 0;
    Presence presence = Presence::kEveryEvent;
    bool residual = false;
    std::size_t count = 0;
    std::size_t list_owner = 0;  // Index of the column whose list says which events.
    std::uint32_t parts[3] = {0, 0, 0};
    ByteReader list{{}}, values{{}};
  };

  bool decode_times(std::int64_t day_begin_ms);
  bool decode_kinds();
  bool decode_weights();
  bool decode_labels();
  bool read_columns();
  bool read_column(Column& column);
  bool decode_measures();
  bool decode_rows(const Column& column, Values& rows);
  bool decode_residual(const Column& target, Values& values);
  bool add_part(const Column& target, std::uint32_t id, Values& values);
  bool wanted(std::uint32_t id) const;
  const Values& successes();

  std::string_view bytes_;
  ByteReader reader_;
  const ChunkSelection& selection_;
  EventColumns& out_;
  Header header_;
  std::size_t success_count_ = 0;
  Values successes_;
  std::vector<Column> columns_;
  Values scratch_;
};

Status Decoder::decode(std::int64_t day_begin_ms) {
  if (!checksum_matches(bytes_)) return corruption();
  if (Status opened = open_chunk(reader_); !opened.ok()) return opened;
  const bool sound = read_header(reader_, header_) && decode_times(day_begin_ms) &&
                     decode_kinds() && decode_weights() && decode_labels() && read_columns() &&
                     reader_.done() && decode_measures();
  if (!sound) return corruption();
  if (!selection_.kinds) out_.kinds.clear();
  return ok_status();
}

bool Decoder::decode_times(std::int64_t day_begin_ms) {
  const std::size_t count = header_.count;
  scratch_.resize(count);
  if (count > 1 && !read_rice(reader_, count - 1, scratch_.data())) return false;
  out_.times_ms.resize(count);
  std::int64_t time = header_.first_ms;
  for (std::size_t i = 0; i < count; ++i) {
    out_.times_ms[i] = day_begin_ms + time;
    if (i + 1 < count) time += scratch_[i];
  }
  return time == header_.last_ms;
}

bool Decoder::decode_kinds() {
  std::uint32_t main = 0, exceptions = 0;
  const std::size_t count = header_.count;
  if (!reader_.varint32(main) || !reader_.varint32(exceptions) || exceptions >= count) return false;
  const EventKind kind = chunk::unrotate_kind(main);
  if (!kind.valid()) return false;
  const auto successes = [](EventKind each) { return each.outcome() == Outcome::kSuccess; };
  out_.kinds.assign(count, kind);
  success_count_ = successes(kind) ? count : 0;
  if (exceptions == 0) return true;
  Values kinds;
  if (!read_rows(reader_, exceptions, count, scratch_) ||
      !read_by_dictionary(reader_, exceptions, kinds)) {
    return false;
  }
  success_count_ -= successes(kind) ? exceptions : 0;
  for (std::size_t i = 0; i < exceptions; ++i) {
    const EventKind other = chunk::unrotate_kind(kinds[i]);
    if (!other.valid()) return false;
    out_.kinds[scratch_[i]] = other;
    success_count_ += successes(other) ? 1 : 0;
  }
  return true;
}

bool Decoder::decode_weights() {
  std::uint8_t present = 0;
  if (!reader_.little_endian(present) || present > 1) return false;
  out_.weights.clear();
  if (present == 0) return true;
  if (!selection_.weights) return skip_rice(reader_, header_.count);
  out_.weights.resize(header_.count);
  if (!read_rice(reader_, header_.count, out_.weights.data())) return false;
  const auto [least, most] = std::minmax_element(out_.weights.begin(), out_.weights.end());
  return *least >= kWeightMin && *most <= kWeightMax;
}

bool Decoder::decode_labels() {
  std::uint64_t size = 0, next = 0;
  if (!reader_.varint(size) || size > reader_.remaining() / kLabelBytesMin) return false;
  if (size > kChunkValuesMax / header_.count) return false;
  out_.labels.resize(selection_.labels ? static_cast<std::size_t>(size) : 0);
  for (std::size_t i = 0; i < size; ++i) {
    std::uint32_t step = 0;
    if (!reader_.varint32(step) || next + step > 0xFFFFFFFF) return false;
    next += step + std::uint64_t{1};
    if (!selection_.labels) {
      if (!skip_by_dictionary(reader_, header_.count)) return false;
      continue;
    }
    out_.labels[i].name_id = static_cast<std::uint32_t>(next - 1);
    if (!read_by_dictionary(reader_, header_.count, out_.labels[i].value_ids)) return false;
  }
  return true;
}

// The directory of measures: what each declares, and where its columns are.
bool Decoder::read_columns() {
  std::uint64_t size = 0, next = 0;
  if (!reader_.varint(size) || size > reader_.remaining() / kMeasureBytesMin) return false;
  std::size_t total = 0, list_owner = kNoList;
  for (std::size_t i = 0; i < size; ++i) {
    Column& column = columns_.emplace_back();
    std::uint32_t step = 0;
    if (!reader_.varint32(step) || next + step > 0xFFFFFFFF) return false;
    column.id = static_cast<std::uint32_t>(next + step);
    next = std::uint64_t{column.id} + 1;
    if (!read_column(column)) return false;
    if (column.presence == Presence::kOwnList) list_owner = i;
    if (column.presence == Presence::kListBefore) {
      if (list_owner == kNoList) return false;
      column.count = columns_[list_owner].count;
    }
    column.list_owner = list_owner;
    total += column.count;
    if (column.count == 0 || total > kChunkValuesMax) return false;
    column.values = reader_;
    if (!skip_rice(reader_, column.count)) return false;
  }
  return true;
}

bool Decoder::read_column(Column& column) {
  std::uint8_t mode = 0;
  if (!reader_.little_endian(mode)) return false;
  if (mode > (chunk::kPresenceMask | chunk::kResidualFlag)) return false;
  column.presence = static_cast<Presence>(mode & chunk::kPresenceMask);
  column.residual = (mode & chunk::kResidualFlag) != 0;
  column.count = column.presence == Presence::kSuccesses ? success_count_ : header_.count;
  if (column.presence == Presence::kOwnList) {
    std::uint32_t count = 0;
    if (!reader_.varint32(count) || count == 0 || count >= header_.count) return false;
    column.count = count;
    column.list = reader_;
    if (!skip_rice(reader_, count)) return false;
  }
  if (!column.residual) return true;
  return std::all_of(std::begin(column.parts), std::end(column.parts),
                     [&](std::uint32_t& id) { return reader_.varint32(id); });
}

bool Decoder::decode_measures() {
  const auto selected = [&](const Column& column) { return wanted(column.id); };
  out_.measures.resize(
      static_cast<std::size_t>(std::count_if(columns_.begin(), columns_.end(), selected)));
  std::size_t next = 0;
  for (const Column& column : columns_) {  // Residuals second: they need their parts.
    if (!selected(column)) continue;
    EventColumns::Measure& measure = out_.measures[next++];
    measure.id = column.id;
    measure.values.resize(column.count);
    ByteReader values = column.values;
    if (!read_rice(values, column.count, measure.values.data())) return false;
    if (!decode_rows(column, measure.rows)) return false;
  }
  next = 0;
  for (const Column& column : columns_) {
    if (!selected(column)) continue;
    Values& values = out_.measures[next++].values;
    if (column.residual && !decode_residual(column, values)) return false;
  }
  return true;
}

bool Decoder::decode_rows(const Column& column, Values& rows) {
  switch (column.presence) {
    case Presence::kEveryEvent:
      rows.clear();
      return true;
    case Presence::kSuccesses:
      if (column.count == header_.count) {
        rows.clear();
      } else {
        rows = successes();
      }
      return true;
    case Presence::kOwnList:
    case Presence::kListBefore:
      break;
  }
  ByteReader list = columns_[column.list_owner].list;
  return read_rows(list, column.count, header_.count, rows);
}

bool Decoder::decode_residual(const Column& target, Values& values) {
  for (std::uint32_t& value : values) value = static_cast<std::uint32_t>(unzigzag(value));
  return std::all_of(std::begin(target.parts), std::end(target.parts),
                     [&](std::uint32_t id) { return add_part(target, id, values); });
}

bool Decoder::add_part(const Column& target, std::uint32_t id, Values& values) {
  const auto part = std::find_if(columns_.begin(), columns_.end(),
                                 [&](const Column& column) { return column.id == id; });
  if (part == columns_.end() || part->residual || part->count != target.count) return false;
  const auto measure = std::find_if(out_.measures.begin(), out_.measures.end(),
                                    [&](const auto& each) { return each.id == id; });
  const Values* addends = &scratch_;
  if (measure != out_.measures.end()) {
    addends = &measure->values;
  } else {
    scratch_.resize(part->count);
    ByteReader reader = part->values;
    if (!read_rice(reader, part->count, scratch_.data())) return false;
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += (*addends)[i];
  return true;
}

bool Decoder::wanted(std::uint32_t id) const {
  return selection_.all_measures ||
         std::find(selection_.measures.begin(), selection_.measures.end(), id) !=
             selection_.measures.end();
}

const Values& Decoder::successes() {
  if (successes_.empty()) {
    successes_.reserve(success_count_);
    for (std::uint32_t i = 0; i < header_.count; ++i) {
      if (out_.kinds[i].outcome() == Outcome::kSuccess) successes_.push_back(i);
    }
  }
  return successes_;
}

}  // namespace

Status decode_chunk(std::string_view bytes, std::int64_t day_begin_ms,
                    const ChunkSelection& selection, EventColumns* out) {
  return Decoder(bytes, selection, out).decode(day_begin_ms);
}

Result<ChunkSummary> summarize_chunk(std::string_view bytes, std::int64_t day_begin_ms) {
  ByteReader reader(bytes);
  Header header;
  if (Status opened = open_chunk(reader); !opened.ok()) return opened.error();
  if (!read_header(reader, header)) return corruption();
  return ChunkSummary{header.count, day_begin_ms + header.first_ms, day_begin_ms + header.last_ms};
}

}  // namespace kpi
