#include "engine/cell/cells_builder.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "engine/cell/all_rps_cells.h"
#include "engine/cell/day_events.h"
#include "engine/cell/label_cells.h"
#include "engine/cell/series_cells.h"
#include "engine/cell/slab.h"
#include "engine/key/key.h"
#include "kpi/assert.h"

namespace kpi {

class CellsBuilder::Impl {
 public:
  Impl(CellSink sink, std::size_t gathered_values_max, std::vector<LabelRollup> rollups)
      : sink_(std::move(sink)),
        gathered_values_max_(gathered_values_max),
        label_cells_(std::move(rollups), gathered_values_max) {}

  void begin_day(std::uint16_t day);
  void add_series(std::uint32_t rp, std::uint32_t series, const EventColumns& events, bool dense);
  void end_day();

 private:
  struct SeriesCounts {
    std::uint32_t series = 0;
    Counts counts;
  };

  void add_kinds();
  void add_measure(const EventColumns::Measure& measure);
  void gather(const EventColumns::Measure& measure, AllRpsCells::ByOutcome* by_outcome) const;
  void emit_slabs();

  const CellSink sink_;
  const std::size_t gathered_values_max_;
  bool in_day_ = false;
  std::uint16_t day_ = 0;
  DayEvents rows_;
  SeriesCells series_cells_;
  AllRpsCells all_rps_;
  std::size_t gathered_ = 0;  // Values and kinds since the last fold.
  std::vector<SeriesCounts> ranking_;
  SlabWriter slab_;
  LabelCells label_cells_;
};

void CellsBuilder::Impl::begin_day(std::uint16_t day) {
  KPI_ASSERT(!in_day_);
  in_day_ = true;
  day_ = day;
  all_rps_.begin_day(day);
  label_cells_.begin_day(day);
}

void CellsBuilder::Impl::add_series(std::uint32_t rp, std::uint32_t series,
                                    const EventColumns& events, bool dense) {
  KPI_ASSERT(in_day_ && rp != 0 && series != 0);
  if (events.size() == 0) return;
  rows_.assign(day_, events);
  series_cells_.begin(day_, dense);
  series_cells_.add_counts(rows_);
  ranking_.push_back({series, summary_of(series_cells_.day_counts())});
  add_kinds();
  for (const EventColumns::Measure& measure : events.measures) add_measure(measure);
  series_cells_.emit(rp, series, sink_);
  label_cells_.add_series(rp, series, rows_, sink_);
  if (gathered_ >= gathered_values_max_) {
    all_rps_.fold();
    gathered_ = 0;
  }
}

void CellsBuilder::Impl::add_kinds() {
  const std::size_t size = rows_.events->size();
  for (std::size_t row = 0; row < size; ++row) {
    all_rps_.kinds().add(rows_.events->kinds[row].packed(), rows_.weight(row), rows_.minutes[row]);
  }
  gathered_ += size;
}

void CellsBuilder::Impl::gather(const EventColumns::Measure& measure,
                                AllRpsCells::ByOutcome* by_outcome) const {
  const std::size_t size = measure.values.size();
  KPI_ASSERT(measure.rows.empty() ? size == rows_.events->size() : size == measure.rows.size());
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t row = measure.rows.empty() ? i : measure.rows[i];
    const auto outcome = static_cast<std::size_t>(rows_.events->kinds[row].outcome());
    (*by_outcome)[outcome].add(measure.values[i], rows_.weight(row), rows_.minutes[row]);
  }
}

void CellsBuilder::Impl::add_measure(const EventColumns::Measure& measure) {
  AllRpsCells::ByOutcome& by_outcome = all_rps_.values(measure.id);
  std::array<std::pair<std::size_t, std::size_t>, 3> begins;
  for (std::size_t outcome = 0; outcome < begins.size(); ++outcome) {
    begins[outcome] = {by_outcome[outcome].items.size(), by_outcome[outcome].weighted.size()};
  }
  gather(measure, &by_outcome);
  gathered_ += measure.values.size();
  for (std::size_t outcome = 0; outcome < begins.size(); ++outcome) {
    series_cells_.add_column({measure.id, static_cast<Outcome>(outcome)}, by_outcome[outcome],
                             begins[outcome].first, begins[outcome].second);
  }
}

void CellsBuilder::Impl::emit_slabs() {
  std::sort(ranking_.begin(), ranking_.end(),
            [](const SeriesCounts& a, const SeriesCounts& b) { return a.series < b.series; });
  for (std::size_t begin = 0, end = 0; begin < ranking_.size(); begin = end) {
    const std::uint32_t slab = slab_of(ranking_[begin].series);
    slab_.begin();
    for (end = begin; end < ranking_.size() && slab_of(ranking_[end].series) == slab;) {
      SlabEntry entry{ranking_[end].series % kSeriesPerSlab, ranking_[end].counts};
      while (++end < ranking_.size() && ranking_[end].series == ranking_[end - 1].series) {
        add_counts(&entry.counts, ranking_[end].counts);
      }
      slab_.add(entry);
    }
    sink_(encode(CellKey{day_, CellWidth::kDay, CellKind::kSlab, 0, slab}).view(), slab_.finish());
  }
  ranking_.clear();
}

void CellsBuilder::Impl::end_day() {
  KPI_ASSERT(in_day_);
  in_day_ = false;
  emit_slabs();
  all_rps_.emit(sink_);
  label_cells_.end_day(sink_);
  gathered_ = 0;
}

CellsBuilder::CellsBuilder(CellSink sink, std::size_t gathered_values_max,
                           std::vector<LabelRollup> rollups)
    : impl_(std::make_unique<Impl>(std::move(sink), gathered_values_max, std::move(rollups))) {}
CellsBuilder::~CellsBuilder() = default;
void CellsBuilder::begin_day(std::uint16_t day) { impl_->begin_day(day); }
void CellsBuilder::add_series(std::uint32_t rp, std::uint32_t series, const EventColumns& events,
                              bool dense) {
  impl_->add_series(rp, series, events, dense);
}
void CellsBuilder::end_day() { impl_->end_day(); }

}  // namespace kpi
