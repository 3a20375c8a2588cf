#include "engine/cell/label_cells.h"

#include <algorithm>

#include "engine/cell/merge.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

constexpr std::size_t kOutcomes = 3;

}  // namespace

LabelCells::LabelCells(std::vector<LabelRollup> rollups, std::size_t kept_bytes_max)
    : rollups_(std::move(rollups)), kept_bytes_max_(kept_bytes_max) {}

void LabelCells::begin_day(std::uint16_t day) { day_ = day; }

void LabelCells::add_series(std::uint32_t rp, std::uint32_t series, const DayEvents& rows,
                            const CellSink& sink) {
  for (const LabelRollup& rollup : rollups_) {
    if (day_ < rollup.first_day) continue;
    find_parts(rollup, rows);
    add_rows(rows);
    for (const EventColumns::Measure& measure : rows.events->measures) add_measure(measure, rows);
    CellKey key{partition_first_day(CellWidth::kDay, CellKind::kLabelCounts, day_),
                CellWidth::kDay,
                CellKind::kLabelCounts,
                rp,
                series,
                rollup.id,
                0};
    emit_parts(key, sink);
  }
  if (kept_bytes_ >= kept_bytes_max_) emit_all_rps(sink);
}

std::uint32_t LabelCells::part_of(std::uint32_t value_id) {
  const auto [at, is_new] = part_of_value_.try_emplace(value_id, part_count_);
  if (!is_new) return at->second;
  if (part_count_ == parts_.size()) {
    parts_.emplace_back();
    values_.resize(parts_.size() * kOutcomes);
  }
  parts_[part_count_].value_id = value_id;
  parts_[part_count_].sketches.begin();
  return part_count_++;
}

void LabelCells::find_parts(const LabelRollup& rollup, const DayEvents& rows) {
  part_count_ = 0;
  part_of_value_.clear();
  part_of_row_.resize(rows.events->size());
  const auto label = std::find_if(
      rows.events->labels.begin(), rows.events->labels.end(),
      [&](const EventColumns::Label& column) { return column.name_id == rollup.name_id; });
  const bool absent = rollup.name_id == 0 || label == rows.events->labels.end();
  for (std::size_t row = 0; row < part_of_row_.size(); ++row) {
    const std::uint32_t value_id = absent ? 0 : label->value_ids[row];
    const bool same = row > 0 && parts_[part_of_row_[row - 1]].value_id == value_id;
    part_of_row_[row] = same ? part_of_row_[row - 1] : part_of(value_id);
  }
}

void LabelCells::add_rows(const DayEvents& rows) {
  for (std::size_t row = 0; row < part_of_row_.size(); ++row) {
    parts_[part_of_row_[row]].tally.add(rows.events->kinds[row], rows.weight(row));
  }
}

void LabelCells::add_measure(const EventColumns::Measure& measure, const DayEvents& rows) {
  for (std::size_t i = 0; i < measure.values.size(); ++i) {
    const std::size_t row = measure.rows.empty() ? i : measure.rows[i];
    const auto outcome = static_cast<std::size_t>(rows.events->kinds[row].outcome());
    Values& values = values_[part_of_row_[row] * kOutcomes + outcome];
    if (rows.weight(row) == 1000) {
      values.plain.push_back(measure.values[i]);
    } else {
      values.weighted.emplace_back(measure.values[i], rows.weight(row));
    }
  }
  for (std::uint32_t part = 0; part < part_count_; ++part) {
    for (std::size_t outcome = 0; outcome < kOutcomes; ++outcome) {
      write_column({measure.id, static_cast<Outcome>(outcome)},
                   &values_[part * kOutcomes + outcome], &parts_[part].sketches);
    }
  }
}

void LabelCells::write_column(SketchColumn column, Values* values, SketchesWriter* writer) {
  if (values->plain.empty() && values->weighted.empty()) return;
  builder_.add(values->plain);
  for (const auto& [value, weight] : values->weighted) builder_.add(value, weight);
  values->plain.clear();
  values->weighted.clear();
  writer->begin_column(column);
  writer->add(day_ % kDaysPerWeek, builder_.build().bytes());
}

void LabelCells::emit_parts(CellKey key, const CellSink& sink) {
  for (std::uint32_t part = 0; part < part_count_; ++part) {
    key.label_value = parts_[part].value_id;
    parts_[part].tally.drain(&cell_);
    counts_.begin();
    counts_.add(day_ % kDaysPerWeek, cell_);
    key.kind = CellKind::kLabelCounts;
    put(key, counts_.finish(), sink);
    if (parts_[part].sketches.empty()) continue;
    key.kind = CellKind::kLabelSketches;
    put(key, parts_[part].sketches.finish(), sink);
  }
}

void LabelCells::put(const CellKey& key, std::string_view value, const CellSink& sink) {
  sink(encode(key).view(), value);
  CellKey of_all = key;
  of_all.rp = of_all.series = 0;
  Operands& operands = all_rps_[of_all];
  operands.values.emplace_back(value);
  operands.bytes += value.size();
  kept_bytes_ += value.size();
  if (operands.values.size() < kOperandsMax) return;
  kept_bytes_ -= operands.bytes;
  fold(key.kind, &operands);
  kept_bytes_ += operands.bytes;
}

void LabelCells::fold(CellKind kind, Operands* operands) {
  if (operands->values.size() < 2) return;
  const std::vector<std::string_view> views(operands->values.begin(), operands->values.end());
  std::string merged;
  const Status status = merge_cells(kind, views, &merged);
  KPI_ASSERT(status.ok());  // Of our own making.
  operands->values.clear();
  operands->bytes = merged.size();
  operands->values.push_back(std::move(merged));
}

void LabelCells::emit_all_rps(const CellSink& sink) {
  for (auto& [key, operands] : all_rps_) {
    fold(key.kind, &operands);
    sink(encode(key).view(), operands.values.front());
  }
  all_rps_.clear();
  kept_bytes_ = 0;
}

void LabelCells::end_day(const CellSink& sink) { emit_all_rps(sink); }

}  // namespace kpi
