#include "engine/verify/contents.h"

#include <algorithm>

#include "engine/base/bytes.h"
#include "engine/cell/counts_value.h"
#include "engine/cell/senders_value.h"
#include "engine/cell/sketches_value.h"
#include "engine/cell/slab.h"
#include "engine/chunk/chunk.h"
#include "engine/journal/record.h"
#include "engine/sketch/sketch_view.h"

namespace kpi {
namespace {

Error wrong(std::string what) { return {ErrorCode::kCorruption, std::move(what), {}, 0}; }

bool is_series_of(const Dictionary& dictionary, std::uint32_t rp, std::uint32_t series) {
  return series != 0 && series <= dictionary.count(NameKind::kSeries) &&
         dictionary.series(series).rp_id == rp;
}

Status check_ids(const EventColumns& events, const Dictionary& dictionary) {
  for (const EventColumns::Measure& measure : events.measures) {
    if (measure.id == 0 || measure.id > dictionary.count(NameKind::kMeasure)) {
      return wrong("a measure that has no name");
    }
  }
  const std::uint32_t values = dictionary.count(NameKind::kLabelValue);
  for (const EventColumns::Label& label : events.labels) {
    for (const std::uint32_t value : label.value_ids) {
      if (value == 0) continue;
      if (value > values || dictionary.label_value(value).label_id != label.name_id) {
        return wrong("a label value that has no name");
      }
    }
  }
  return ok_status();
}

Status check_counts(const CellKey& key, std::string_view value) {
  Result<CountsReader> reader = CountsReader::open(value);
  if (!reader.ok()) return reader.error();
  CountsWriter writer;
  writer.begin();
  CountsCell cell;
  while (reader.value().next()) {
    if (reader.value().bucket() >= partition_buckets(key.width)) return wrong("a bucket too far");
    reader.value().read_cell(&cell);
    const bool valid = std::all_of(cell.begin(), cell.end(),
                                   [](const KindCount& count) { return count.kind.valid(); });
    if (!valid) return wrong("a kind of event that cannot be");
    writer.add(reader.value().bucket(), cell);
  }
  if (Status end = reader.value().status(); !end.ok()) return end;
  return writer.finish() == value ? ok_status() : Status(wrong("not in canonical form"));
}

Status check_column(const CellKey& key, SketchesReader::Cursor* cursor, SketchesWriter* writer,
                    std::uint64_t* sketches) {
  writer->begin_column(cursor->column);
  while (cursor->buckets.next()) {
    if (cursor->buckets.bucket() >= partition_buckets(key.width)) return wrong("a bucket too far");
    const Result<SketchView> sketch = SketchView::parse(cursor->buckets.sketch());
    if (!sketch.ok()) return sketch.error();
    if (!sketch.value().validate()) return wrong("a sketch that is not canonical");
    writer->add(cursor->buckets.bucket(), cursor->buckets.sketch());
    ++*sketches;
  }
  return cursor->buckets.status();
}

Status check_sketches(const CellKey& key, std::string_view value, const Dictionary& dictionary,
                      std::uint64_t* sketches) {
  const Result<SketchesReader> reader = SketchesReader::open(value);
  if (!reader.ok()) return reader.error();
  SketchesWriter writer;
  writer.begin();
  SketchesReader::Cursor cursor;
  while (reader.value().next_column(&cursor)) {
    const std::uint32_t measure = cursor.column.measure;
    if (measure == 0 || measure > dictionary.count(NameKind::kMeasure)) {
      return wrong("a measure that has no name");
    }
    if (Status column = check_column(key, &cursor, &writer, sketches); !column.ok()) return column;
  }
  return writer.finish() == value ? ok_status() : Status(wrong("not in canonical form"));
}

Status check_slab(const CellKey& key, std::string_view value, const Dictionary& dictionary) {
  Result<SlabReader> reader = SlabReader::open(value);
  if (!reader.ok()) return reader.error();
  SlabWriter writer;
  writer.begin();
  SlabEntry entry;
  while (reader.value().next(&entry)) {
    const std::uint64_t series = std::uint64_t{key.series} * kSeriesPerSlab + entry.index;
    if (series == 0 || series > dictionary.count(NameKind::kSeries)) {
      return wrong("a series that has no name");
    }
    writer.add(entry);
  }
  if (Status end = reader.value().status(); !end.ok()) return end;
  return writer.finish() == value ? ok_status() : Status(wrong("not in canonical form"));
}

Status check_senders_value(const CellKey& key, std::string_view value,
                           const Dictionary& dictionary) {
  if (key.rp > dictionary.count(NameKind::kRp)) return wrong("an RP that has no name");
  const Result<SenderHours> hours = decode_senders(value);
  if (!hours.ok()) return hours.error();
  return encode_senders(hours.value()) == value ? ok_status()
                                                : Status(wrong("not in canonical form"));
}

}  // namespace

Status check_chunk(const RawKey& key, std::string_view value, const Dictionary& dictionary,
                   EventColumns* events) {
  if (!is_series_of(dictionary, key.rp, key.series)) return wrong("a series that has no name");
  ChunkSelection everything;
  everything.all_measures = true;
  everything.labels = true;
  const std::int64_t day_ms = day_begin_ms(key.day);
  if (Status decoded = decode_chunk(value, day_ms, everything, events); !decoded.ok()) {
    return decoded;
  }
  const bool ascending = std::is_sorted(events->times_ms.begin(), events->times_ms.end());
  if (!ascending || events->size() == 0) return wrong("events out of order");
  const std::int64_t begin = key.hour == kHourSparse ? day_ms : day_ms + key.hour * kHourMs;
  const std::int64_t end = key.hour == kHourSparse ? day_ms + kDayMs : begin + kHourMs;
  if (events->times_ms.front() < begin || events->times_ms.back() >= end) {
    return wrong("events of another time");
  }
  return check_ids(*events, dictionary);
}

Status check_cell(const CellKey& key, std::string_view value, const Dictionary& dictionary,
                  std::uint64_t* sketches) {
  const bool all = key.rp == 0 && key.series == 0;
  if (key.kind == CellKind::kSenders) return check_senders_value(key, value, dictionary);
  if (key.kind != CellKind::kSlab && !all && !is_series_of(dictionary, key.rp, key.series)) {
    return wrong("a series that has no name");
  }
  if (key.label_value > dictionary.count(NameKind::kLabelValue)) {
    return wrong("a label value that has no name");
  }
  switch (key.kind) {
    case CellKind::kCounts:
    case CellKind::kLabelCounts:
      return check_counts(key, value);
    case CellKind::kSketches:
    case CellKind::kLabelSketches:
      return check_sketches(key, value, dictionary, sketches);
    case CellKind::kSlab:
      return check_slab(key, value, dictionary);
    case CellKind::kSenders:
      break;
  }
  return wrong("a kind that cannot be");
}

Status check_journal_record(std::string_view value, const Dictionary& dictionary,
                            std::uint64_t* events) {
  const std::uint32_t label_values = dictionary.count(NameKind::kLabelValue);
  Result<RecordReader> reader = RecordReader::open(value, [&](std::uint32_t id) {
    return id != 0 && id <= label_values ? dictionary.label_value(id).label_id : 0;
  });
  if (!reader.ok()) return reader.error();
  for (const Shape& shape : reader.value().shapes()) {
    for (const std::uint32_t measure : shape.measures) {
      if (measure == 0 || measure > dictionary.count(NameKind::kMeasure)) {
        return wrong("a measure that has no name");
      }
    }
  }
  RecordReader::Row row;
  for (;;) {
    const Result<bool> more = reader.value().next(&row);
    if (!more.ok()) return more.error();
    if (!more.value()) return ok_status();
    if (row.series == 0 || row.series > dictionary.count(NameKind::kSeries)) {
      return wrong("a series that has no name");
    }
    ++*events;
  }
}

}  // namespace kpi
