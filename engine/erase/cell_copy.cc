#include "engine/erase/cell_copy.h"

#include <limits>

namespace kpi {
namespace {

std::uint64_t add_up(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  return a > kMax - b ? kMax : a + b;
}

}  // namespace

Status CellCopy::add(const PortableCell& cell) {
  Owned owned;
  owned.place = {cell.width_ms, cell.begin_ms, std::string(cell.label), std::nullopt};
  if (cell.label_value.data() != nullptr) owned.place.label_value = std::string(cell.label_value);
  owned.rp = cell.rp;
  owned.client = cell.client;
  owned.counts.assign(cell.counts.begin(), cell.counts.end());
  for (const MeasureSketch& sketch : cell.sketches) {
    owned.sketches.push_back(
        {{std::string(sketch.measure), sketch.outcome}, std::string(sketch.sketch)});
  }
  if (Status added = add_to_all(owned.place, cell); !added.ok()) return added;
  cells_.push_back(std::move(owned));
  return cells_.size() < kCellsPerWrite ? ok_status() : write();
}

Status CellCopy::add_to_all(const Place& place, const PortableCell& cell) {
  Sum& sum = all_rps_[place];
  for (const KindCount& count : cell.counts) {
    KindCount& total =
        sum.counts.try_emplace(count.kind.packed(), KindCount{count.kind, 0, 0}).first->second;
    total.events = add_up(total.events, count.events);
    total.weight = add_up(total.weight, count.weight);
  }
  for (const MeasureSketch& sketch : cell.sketches) {
    SketchBuilder& builder = sum.sketches[{std::string(sketch.measure), sketch.outcome}];
    if (Status merged = builder.merge_bytes(sketch.sketch); !merged.ok()) return merged;
  }
  return ok_status();
}

Status CellCopy::finish() { return cells_.empty() ? ok_status() : write(); }

void CellCopy::move_sums() {
  for (auto& [place, sum] : all_rps_) {
    Owned owned;
    owned.place = place;
    owned.all_rps = true;
    for (const auto& [packed, count] : sum.counts) owned.counts.push_back(count);
    for (auto& [column, builder] : sum.sketches) {
      owned.sketches.push_back({column, builder.build().bytes()});
    }
    cells_.push_back(std::move(owned));
  }
  all_rps_.clear();
}

Status CellCopy::write() {
  move_sums();
  std::vector<PortableCell> cells;
  std::vector<std::vector<MeasureSketch>> sketches(cells_.size());
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Owned& owned = cells_[i];
    for (const auto& [column, bytes] : owned.sketches) {
      sketches[i].push_back({column.first, column.second, bytes});
    }
    PortableCell cell;
    cell.begin_ms = owned.place.begin_ms;
    cell.width_ms = owned.place.width_ms;
    cell.all_rps = owned.all_rps;
    cell.rp = owned.rp;
    cell.client = owned.client;
    cell.label = owned.place.label;
    if (owned.place.label_value) cell.label_value = *owned.place.label_value;
    cell.counts = owned.counts;
    cell.sketches = sketches[i];
    cells.push_back(cell);
  }
  TransferBatch batch;
  batch.cells = cells;
  Status written = target_.import(batch, {});
  cells_.clear();
  return written;
}

}  // namespace kpi
