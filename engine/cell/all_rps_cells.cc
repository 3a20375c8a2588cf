#include "engine/cell/all_rps_cells.h"

#include "engine/cell/merge.h"
#include "engine/cell/series_cells.h"
#include "engine/key/key.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

constexpr auto kMinute = static_cast<std::size_t>(CellWidth::kMinute);
constexpr auto kHour = static_cast<std::size_t>(CellWidth::kHour);
constexpr auto kDay = static_cast<std::size_t>(CellWidth::kDay);
constexpr CellWidth kAllWidths[] = {CellWidth::kMinute, CellWidth::kHour, CellWidth::kDay};

void drain_into(KindTally* from, std::uint32_t bucket, CountsWriter* writer, KindTally* wider) {
  CountsCell cell;
  from->drain(&cell);
  writer->add(bucket, cell);
  if (wider == nullptr) return;
  for (const KindCount& count : cell) wider->add(count);
}

}  // namespace

void AllRpsCells::write_counts() {
  for (CountsWriter& writer : counts_) writer.begin();
  order_.sort(kinds_);
  for (std::uint32_t minute = 0; minute < kMinutesPerDay; ++minute) {
    const ItemSlice slice = order_.slice(minute, minute + 1);
    for (const std::uint32_t kind : slice.plain) {
      minute_tally_.add(EventKind::from_packed(kind), 1000);
    }
    for (const WeightedItem& item : slice.weighted) {
      minute_tally_.add(EventKind::from_packed(item.item), item.weight);
    }
    drain_into(&minute_tally_, minute, &counts_[kMinute], &hour_tally_);
    if ((minute + 1) % kMinutesPerHour == 0) {
      drain_into(&hour_tally_, minute / kMinutesPerHour, &counts_[kHour], &day_tally_);
    }
  }
  drain_into(&day_tally_, day_ % kDaysPerWeek, &counts_[kDay], nullptr);
}

void AllRpsCells::write_hour(std::uint32_t hour) {
  const std::uint32_t begin = hour * kMinutesPerHour, end = begin + kMinutesPerHour;
  const ItemSlice whole = order_.slice(begin, end);
  if (whole.empty()) return;
  for (std::uint32_t minute = begin; minute < end; ++minute) {
    add_items(&fine_, order_.slice(minute, minute + 1));
    sketches_[kMinute].add(minute, fine_.build().bytes());
  }
  add_items(&fine_, whole);
  const Sketch sketch = fine_.build();
  sketches_[kHour].add(hour, sketch.bytes());
  day_builder_.merge(sketch);
}

void AllRpsCells::write_column(SketchColumn column) {
  for (SketchesWriter& writer : sketches_) writer.begin_column(column);
  for (std::uint32_t hour = 0; hour < kHoursPerDay; ++hour) write_hour(hour);
  sketches_[kDay].add(day_ % kDaysPerWeek, day_builder_.build().bytes());
}

void AllRpsCells::write_sketches() {
  for (SketchesWriter& writer : sketches_) writer.begin();
  for (const auto& [measure, by_outcome] : values_) {
    for (std::size_t outcome = 0; outcome < by_outcome.size(); ++outcome) {
      if (by_outcome[outcome].size() == 0) continue;
      order_.sort(by_outcome[outcome]);
      write_column({measure, static_cast<Outcome>(outcome)});
    }
  }
}

void AllRpsCells::keep(CellWidth width, CellKind kind, std::string_view value) {
  std::string& before = kept(width, kind);
  if (before.empty()) {
    before.assign(value);
    return;
  }
  const std::string_view both[] = {before, value};
  const Status status = merge_cells(kind, both, &merged_);
  KPI_ASSERT(status.ok());
  before.swap(merged_);
}

void AllRpsCells::fold() {
  write_counts();
  write_sketches();
  kinds_.clear();
  values_.clear();
  for (const CellWidth width : kAllWidths) {
    CountsWriter& counts = counts_[static_cast<std::size_t>(width)];
    SketchesWriter& sketches = sketches_[static_cast<std::size_t>(width)];
    if (!counts.empty()) keep(width, CellKind::kCounts, counts.finish());
    if (!sketches.empty()) keep(width, CellKind::kSketches, sketches.finish());
  }
}

void AllRpsCells::emit(const CellSink& sink) {
  fold();
  for (const CellWidth width : kAllWidths) {
    for (const CellKind kind : {CellKind::kCounts, CellKind::kSketches}) {
      std::string& value = kept(width, kind);
      if (value.empty()) continue;
      sink(encode(CellKey{partition_first_day(width, kind, day_), width, kind, 0, 0}).view(),
           value);
      value.clear();
    }
  }
}

}  // namespace kpi
