#include "engine/read/cell_values.h"

#include "engine/cell/counts_value.h"
#include "engine/cell/sketches_value.h"

namespace kpi {
namespace {

Status add_column(const CellKey& key, SketchBuckets buckets, std::size_t measure, Outcome outcome,
                  TimeRange range, Accumulator* accumulator, std::uint64_t* cells) {
  while (buckets.next()) {
    const std::int64_t begin_ms = bucket_begin_ms(key.width, key.first_day, buckets.bucket());
    if (begin_ms < range.begin_ms) continue;
    if (begin_ms >= range.end_ms) return ok_status();
    Status added = accumulator->add_sketch(begin_ms, measure, outcome, buckets.sketch());
    if (!added.ok()) return added;
    ++*cells;
  }
  return buckets.status();
}

}  // namespace

Status add_counts_value(const CellKey& key, std::string_view value, TimeRange range,
                        Accumulator* accumulator, std::uint64_t* cells) {
  Result<CountsReader> opened = CountsReader::open(value);
  if (!opened.ok()) return opened.error();
  CountsReader& reader = opened.value();
  KindCount count;
  while (reader.next()) {
    const std::int64_t begin_ms = bucket_begin_ms(key.width, key.first_day, reader.bucket());
    if (begin_ms < range.begin_ms) continue;
    if (begin_ms >= range.end_ms) return ok_status();
    while (reader.next_kind(&count)) accumulator->add_kind(begin_ms, count);
    ++*cells;
  }
  return reader.status();
}

Status add_sketches_value(const CellKey& key, std::string_view value, TimeRange range,
                          Accumulator* accumulator, std::uint64_t* cells) {
  Result<SketchesReader> opened = SketchesReader::open(value);
  if (!opened.ok()) return opened.error();
  for (std::size_t measure = 0; measure < accumulator->measures().size(); ++measure) {
    for (const Outcome outcome : {Outcome::kUnknown, Outcome::kSuccess, Outcome::kFailure}) {
      if (!accumulator->wants(EventKind(outcome, UiShown::kUnknown))) continue;
      const SketchColumn column{accumulator->measures()[measure], outcome};
      Status added =
          add_column(key, opened.value().find(column), measure, outcome, range, accumulator, cells);
      if (!added.ok()) return added;
    }
  }
  return ok_status();
}

}  // namespace kpi
