#include "engine/transfer/portable_cells.h"

#include <algorithm>
#include <map>
#include <vector>

#include "engine/cell/counts_value.h"
#include "engine/cell/sketches_value.h"

namespace kpi {
namespace {

bool has_counts(CellKind kind) {
  return kind == CellKind::kCounts || kind == CellKind::kLabelCounts;
}
bool has_sketches(CellKind kind) {
  return kind == CellKind::kSketches || kind == CellKind::kLabelSketches;
}

// The buckets of one value of the family `cells`, as portable cells. Not thread-safe.
class CellValue {
 public:
  // `rollup`: that of the key; nullptr where the key has none.
  CellValue(const ReadSource& source, const CellKey& key, const Rollup* rollup)
      : dictionary_(*source.dictionary), key_(key), end_ms_(day_begin_ms(source.horizons.raw)) {
    cell_.width_ms = bucket_width_ms(key.width);
    cell_.all_rps = key.series == 0;
    if (rollup != nullptr) {
      cell_.label = rollup->label;
      if (key.label_value != 0) cell_.label_value = dictionary_.label_value(key.label_value).value;
    }
    if (cell_.all_rps) return;
    const Dictionary::Series series = dictionary_.series(key.series);
    cell_.rp = dictionary_.rp(series.rp_id);
    cell_.client = series.client;
  }

  // *more: whether the sink wants more.
  Status visit(std::string_view value, const PortableCellSink& sink, bool* more) {
    return has_counts(key_.kind) ? visit_counts(value, sink, more)
                                 : visit_sketches(value, sink, more);
  }

 private:
  bool begin(std::uint32_t bucket) {
    cell_.begin_ms = bucket_begin_ms(key_.width, key_.first_day, bucket);
    return cell_.begin_ms < end_ms_;
  }

  Status visit_counts(std::string_view value, const PortableCellSink& sink, bool* more) {
    Result<CountsReader> reader = CountsReader::open(value);
    if (!reader.ok()) return reader.error();
    CountsCell counts;
    while (*more && reader.value().next()) {
      reader.value().read_cell(&counts);
      if (Status whole = reader.value().status(); !whole.ok()) return whole;
      if (!begin(reader.value().bucket())) continue;
      cell_.counts = counts;
      *more = sink(cell_);
    }
    return *more ? reader.value().status() : ok_status();
  }

  // A value has column after column; a cell has what the columns say of one bucket.
  Status visit_sketches(std::string_view value, const PortableCellSink& sink, bool* more) {
    Result<SketchesReader> reader = SketchesReader::open(value);
    if (!reader.ok()) return reader.error();
    std::map<std::uint32_t, std::vector<MeasureSketch>> buckets;
    SketchesReader::Cursor cursor;
    while (reader.value().next_column(&cursor)) {
      const std::string_view measure = dictionary_.measure(cursor.column.measure);
      while (cursor.buckets.next()) {
        buckets[cursor.buckets.bucket()].push_back(
            {measure, cursor.column.outcome, cursor.buckets.sketch()});
      }
      if (Status whole = cursor.buckets.status(); !whole.ok()) return whole;
    }
    for (const auto& [bucket, sketches] : buckets) {
      if (!*more) break;
      if (!begin(bucket)) continue;
      cell_.sketches = sketches;
      *more = sink(cell_);
    }
    return ok_status();
  }

  const Dictionary& dictionary_;
  const CellKey key_;
  const std::int64_t end_ms_;
  PortableCell cell_;
};

// Ids in keys and columns that no name stands for are damage, not a reason to stop the process.
Status check_names(const Dictionary& dictionary, const CellKey& key, std::string_view value) {
  if (key.series > dictionary.count(NameKind::kSeries)) {
    return Error{ErrorCode::kCorruption, "a series that has no name"};
  }
  if (key.label_value > dictionary.count(NameKind::kLabelValue)) {
    return Error{ErrorCode::kCorruption, "a label's value that has no name"};
  }
  if (!has_sketches(key.kind)) return ok_status();
  Result<SketchesReader> reader = SketchesReader::open(value);
  if (!reader.ok()) return reader.error();
  const std::uint32_t measures = dictionary.count(NameKind::kMeasure);
  SketchesReader::Cursor cursor;
  while (reader.value().next_column(&cursor)) {
    if (cursor.column.measure == 0 || cursor.column.measure > measures) {
      return Error{ErrorCode::kCorruption, "a measure that has no name"};
    }
  }
  return ok_status();
}

}  // namespace

Status visit_cells(const ReadSource& source, const CellKey& key, std::string_view value,
                   const PortableCellSink& sink, bool* more) {
  if (!has_counts(key.kind) && !has_sketches(key.kind)) return ok_status();
  const auto rollup = std::find_if(source.rollups.begin(), source.rollups.end(),
                                   [&](const Rollup& each) { return each.id == key.rollup; });
  if (key.rollup != 0 && rollup == source.rollups.end()) return ok_status();
  if (Status known = check_names(*source.dictionary, key, value); !known.ok()) return known;
  const Rollup* const label = key.rollup == 0 ? nullptr : &*rollup;
  return CellValue(source, key, label).visit(value, sink, more);
}

}  // namespace kpi
