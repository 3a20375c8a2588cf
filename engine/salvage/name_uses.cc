#include "engine/salvage/name_uses.h"

#include "engine/cell/sketches_value.h"
#include "engine/cell/slab.h"
#include "engine/chunk/chunk.h"
#include "engine/journal/record.h"

namespace kpi {
namespace {

constexpr std::uint32_t kUnknownParent = 0;

void add_measures(std::string_view sketches, LostNames* names) {
  const Result<SketchesReader> reader = SketchesReader::open(sketches);
  SketchesReader::Cursor cursor;
  while (reader.ok() && reader.value().next_column(&cursor)) {
    names->use_measure(cursor.column.measure);
  }
}

void add_series_of_slab(std::uint32_t slab, std::string_view value, LostNames* names) {
  Result<SlabReader> reader = SlabReader::open(value);
  SlabEntry entry;
  while (reader.ok() && reader.value().next(&entry)) {
    names->use_series(slab * kSeriesPerSlab + entry.index, kUnknownParent);
  }
}

}  // namespace

void add_uses_of_chunk(const RawKey& key, std::string_view value, LostNames* names) {
  names->use_series(key.series, key.rp);
  ChunkSelection everything;
  everything.all_measures = true;
  everything.labels = true;
  EventColumns events;
  if (!decode_chunk(value, day_begin_ms(key.day), everything, &events).ok()) return;
  for (const EventColumns::Measure& measure : events.measures) names->use_measure(measure.id);
  for (const EventColumns::Label& label : events.labels) {
    for (const std::uint32_t id : label.value_ids) names->use_label_value(id, label.name_id);
  }
}

void add_uses_of_cell(const CellKey& key, std::string_view value, LostNames* names) {
  switch (key.kind) {
    case CellKind::kSlab:
      return add_series_of_slab(key.series, value, names);
    case CellKind::kSenders:
      return names->use_rp(key.rp);
    case CellKind::kSketches:
    case CellKind::kLabelSketches:
      add_measures(value, names);
      break;
    case CellKind::kCounts:
    case CellKind::kLabelCounts:
      break;
  }
  if (key.rp != 0) names->use_series(key.series, key.rp);
  names->use_label_value(key.label_value, kUnknownParent);
}

void add_uses_of_record(std::string_view record, LostNames* names) {
  Result<RecordReader> reader = RecordReader::open(record, [names](std::uint32_t id) {
    names->use_label_value(id, kUnknownParent);
    return 1U;  // Some label: only its values are looked at.
  });
  if (!reader.ok()) return;
  for (const Shape& shape : reader.value().shapes()) {
    for (const std::uint32_t measure : shape.measures) names->use_measure(measure);
  }
  RecordReader::Row row;
  for (;;) {
    const Result<bool> more = reader.value().next(&row);
    if (!more.ok() || !more.value()) return;
    names->use_series(row.series, kUnknownParent);
  }
}

}  // namespace kpi
