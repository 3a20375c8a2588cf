#include "engine/cell/series_cells.h"

#include "engine/key/key.h"

namespace kpi {

void add_items(SketchBuilder* builder, const ItemSlice& slice) {
  builder->add(slice.plain);
  for (const WeightedItem& item : slice.weighted) builder->add(item.item, item.weight);
}

void SeriesCells::begin(std::uint16_t day, bool dense) {
  day_ = day;
  dense_ = dense;
  hour_counts_.begin();
  day_counts_.begin();
  hour_sketches_.begin();
  day_sketches_.begin();
}

void SeriesCells::add_counts(const DayEvents& events) {
  for (std::uint32_t hour = 0; hour < kHoursPerDay; ++hour) {
    for (std::size_t row = events.hour_begin[hour]; row < events.hour_begin[hour + 1]; ++row) {
      (dense_ ? hour_tally_ : day_tally_).add(events.events->kinds[row], events.weight(row));
    }
    if (!dense_) continue;
    hour_tally_.drain(&hour_cell_);
    hour_counts_.add(hour, hour_cell_);
    for (const KindCount& count : hour_cell_) day_tally_.add(count);
  }
  day_tally_.drain(&day_cell_);
  day_counts_.add(day_ % kDaysPerWeek, day_cell_);
}

void SeriesCells::add_column(SketchColumn column, const MinuteGather& gather,
                             std::size_t items_begin, std::size_t weighted_begin) {
  const ItemSlice slice{std::span(gather.items).subspan(items_begin),
                        std::span(gather.weighted).subspan(weighted_begin)};
  if (slice.empty()) return;
  day_sketches_.begin_column(column);
  add_items(&builder_, slice);
  day_sketches_.add(day_ % kDaysPerWeek, builder_.build().bytes());
  if (!dense_) return;
  hour_sketches_.begin_column(column);
  add_hours(gather, items_begin, weighted_begin);
}

void SeriesCells::add_hours(const MinuteGather& gather, std::size_t item, std::size_t weighted) {
  for (std::uint32_t hour = 0; hour < kHoursPerDay; ++hour) {
    const std::uint32_t end_minute = (hour + 1) * kMinutesPerHour;
    const std::size_t item_begin = item, weighted_begin = weighted;
    while (item < gather.items.size() && gather.minutes[item] < end_minute) ++item;
    while (weighted < gather.weighted.size() && gather.weighted[weighted].minute < end_minute) {
      ++weighted;
    }
    const ItemSlice slice{
        std::span(gather.items).subspan(item_begin, item - item_begin),
        std::span(gather.weighted).subspan(weighted_begin, weighted - weighted_begin)};
    if (slice.empty()) continue;
    add_items(&builder_, slice);
    hour_sketches_.add(hour, builder_.build().bytes());
  }
}

void SeriesCells::emit(std::uint32_t rp, std::uint32_t series, const CellSink& sink) {
  const auto put = [&](CellWidth width, CellKind kind, auto* writer) {
    if (writer->empty()) return;
    const auto key =
        encode(CellKey{partition_first_day(width, kind, day_), width, kind, rp, series});
    sink(key.view(), writer->finish());
  };
  put(CellWidth::kHour, CellKind::kCounts, &hour_counts_);
  put(CellWidth::kHour, CellKind::kSketches, &hour_sketches_);
  put(CellWidth::kDay, CellKind::kCounts, &day_counts_);
  put(CellWidth::kDay, CellKind::kSketches, &day_sketches_);
}

}  // namespace kpi
