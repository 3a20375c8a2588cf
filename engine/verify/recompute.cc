#include "engine/verify/recompute.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/cell/counts_value.h"
#include "engine/cell/merge.h"
#include "engine/cell/sketches_value.h"
#include "engine/chunk/chunk.h"
#include "engine/seal/rollups.h"
#include "engine/verify/contents.h"

namespace kpi {
namespace {

std::uint16_t horizon_of(const Horizons& horizons, CellWidth width) {
  switch (width) {
    case CellWidth::kMinute:
      return horizons.minute;
    case CellWidth::kHour:
      return horizons.hour;
    case CellWidth::kDay:
      return horizons.day;
  }
  return 0;
}

// A day cell's value holds a week; all others are of one day.
bool is_of_a_week(const CellKey& key) {
  return key.width == CellWidth::kDay && key.kind != CellKind::kSlab;
}

std::string counts_between(std::string_view value, std::uint32_t from, std::uint32_t to,
                           Status* status) {
  Result<CountsReader> reader = CountsReader::open(value);
  if (!reader.ok()) {
    *status = reader.error();
    return {};
  }
  CountsWriter writer;
  writer.begin();
  while (reader.value().next()) {
    const std::uint32_t bucket = reader.value().bucket();
    if (bucket >= from && bucket < to) writer.add_bytes(bucket, reader.value().cell_bytes());
  }
  *status = reader.value().status();
  return writer.empty() ? std::string() : std::string(writer.finish());
}

std::string sketches_between(std::string_view value, std::uint32_t from, std::uint32_t to,
                             Status* status) {
  const Result<SketchesReader> reader = SketchesReader::open(value);
  if (!reader.ok()) {
    *status = reader.error();
    return {};
  }
  SketchesWriter writer;
  writer.begin();
  SketchesReader::Cursor cursor;
  while (reader.value().next_column(&cursor)) {
    writer.begin_column(cursor.column);
    while (cursor.buckets.next()) {
      const std::uint32_t bucket = cursor.buckets.bucket();
      if (bucket >= from && bucket < to) writer.add(bucket, cursor.buckets.sketch());
    }
    if (status->ok()) *status = cursor.buckets.status();
  }
  return writer.empty() ? std::string() : std::string(writer.finish());
}

Status merge_into(CellMap* cells, std::string_view key_bytes, std::string_view value) {
  const auto [found, is_new] = cells->try_emplace(std::string(key_bytes), value);
  if (is_new) return ok_status();
  const Result<CellKey> key = decode_cell_key(key_bytes);
  if (!key.ok()) return key.error();
  const std::string_view both[] = {found->second, value};
  std::string merged;
  Status status = merge_cells(key.value().kind, both, &merged);
  if (status.ok()) found->second = std::move(merged);
  return status;
}

// One comparison of what is stored in a range with what should be.
class CellComparison {
 public:
  CellComparison(const Database& database, const Horizons& horizons,
                 const std::vector<Rollup>& rollups, Findings* findings)
      : database_(database), horizons_(horizons), rollups_(rollups), findings_(findings) {}

  // `wanted` says which stored keys of the range are meant.
  template <class Wanted>
  Status run(const KeyRange& range, const CellMap& expected, Wanted wanted) {
    auto next = expected.begin();
    FamilyWalk walk(database_, Family::kCells, range);
    for (; walk.valid(); walk.next()) {
      const Result<CellKey> key = decode_cell_key(walk.key());
      if (!key.ok() || is_dropped(key.value()) || !wanted(key.value())) continue;
      if (key.value().kind == CellKind::kSenders) continue;  // No event tells its sender.
      const Result<std::string> part = part_of(key.value(), walk.value());
      if (!part.ok()) {  // Told by the check of single values: not missing as well.
        if (next != expected.end() && next->first == walk.key()) ++next;
        continue;
      }
      if (part.value().empty()) continue;
      for (; next != expected.end() && std::string_view(next->first) < walk.key(); ++next)
        missing(next->first);
      if (next == expected.end() || std::string_view(next->first) != walk.key()) {
        findings_->damage("cell without events: " + to_text(key.value()));
        continue;
      }
      ++findings_->report.cells_recomputed;
      if (next->second != part.value()) {
        findings_->damage("cell differs from its events: " + to_text(key.value()));
      }
      ++next;
    }
    for (; next != expected.end(); ++next) missing(next->first);
    return ok_status();
  }

 private:
  void missing(std::string_view bytes) {
    const Result<CellKey> key = decode_cell_key(bytes);
    if (key.ok() && !is_dropped(key.value())) {
      findings_->damage("cell is missing: " + to_text(key.value()));
    }
  }

  const Rollup* rollup_of(const CellKey& key) const {
    const auto found = std::find_if(rollups_.begin(), rollups_.end(),
                                    [&](const Rollup& each) { return each.id == key.rollup; });
    return found == rollups_.end() ? nullptr : &*found;
  }

  // Beyond its retention, or of a label that is not rolled up any more: never read.
  bool is_dropped(const CellKey& key) const {
    if (is_label_kind(key.kind) && rollup_of(key) == nullptr) return true;
    return key.first_day < horizon_of(horizons_, key.width);
  }

  Result<std::string> part_of(const CellKey& key, std::string_view value) const {
    if (!is_of_a_week(key)) return std::string(value);
    std::uint32_t from_day = horizons_.raw;
    if (is_label_kind(key.kind)) from_day = std::max(from_day, rollup_of(key)->first_day);
    const std::uint32_t from = from_day <= key.first_day ? 0 : from_day - key.first_day;
    return buckets_between(key, value, from, kDaysPerWeek);
  }

  const Database& database_;
  const Horizons& horizons_;
  const std::vector<Rollup>& rollups_;
  Findings* const findings_;
};

}  // namespace

Result<std::string> buckets_between(const CellKey& key, std::string_view value, std::uint32_t from,
                                    std::uint32_t to) {
  const bool counts = key.kind == CellKind::kCounts || key.kind == CellKind::kLabelCounts;
  Status status = ok_status();
  std::string part = counts ? counts_between(value, from, to, &status)
                            : sketches_between(value, from, to, &status);
  if (!status.ok()) return status.error();
  return part;
}

Recompute::Recompute(const Database& database, const Dictionary& dictionary,
                     const Horizons& horizons, const std::vector<Rollup>& rollups)
    : database_(database), dictionary_(dictionary), horizons_(horizons), rollups_(rollups) {}

std::vector<std::uint16_t> Recompute::days(Findings* findings) const {
  std::vector<std::uint16_t> days;
  std::string end(kRawKeyBytes, '\xFF');
  for (std::uint32_t day = horizons_.raw; day <= 0xFFFF;) {
    FamilyWalk walk(database_, Family::kRaw,
                    {raw_range(static_cast<std::uint16_t>(day)).begin, end});
    if (!walk.valid()) {
      walk.finish("chunks from day " + std::to_string(day), findings);
      break;
    }
    const Result<RawKey> key = decode_raw_key(walk.key());
    if (!key.ok()) break;  // Told by the check of single values.
    days.push_back(key.value().day);
    day = key.value().day + 1U;
  }
  return days;
}

Status Recompute::day_cells(std::uint16_t day, CellMap* cells, Findings* findings) {
  Status merged = ok_status();
  CellsBuilder builder(
      [&](std::string_view key, std::string_view value) {
        if (merged.ok()) merged = merge_into(cells, key, value);
      },
      CellsBuilder::kGatheredValuesMax, label_rollups(rollups_, dictionary_));
  builder.begin_day(day);
  FamilyWalk walk(database_, Family::kRaw, raw_range(day));
  EventColumns events;
  for (; walk.valid(); walk.next()) {
    if (findings->stop.stop_requested()) return Error{ErrorCode::kCanceled, "interrupted", {}, 0};
    const Result<RawKey> key = decode_raw_key(walk.key());
    if (!key.ok()) continue;
    if (!check_chunk(key.value(), walk.value(), dictionary_, &events).ok()) continue;
    builder.add_series(key.value().rp, key.value().series, events, key.value().hour != kHourSparse);
  }
  builder.end_day();
  return merged;
}

Status compare_cells(const Database& database, const Dictionary& dictionary,
                     const Horizons& horizons, const std::vector<Rollup>& rollups,
                     Findings* findings) {
  Recompute recompute(database, dictionary, horizons, rollups);
  const std::vector<std::uint16_t> days = recompute.days(findings);
  CellComparison comparison(database, horizons, rollups, findings);
  CellMap week;
  std::uint32_t begin_week = 0;
  const auto compare_week = [&]() -> Status {
    const KeyRange range = cell_range(static_cast<std::uint16_t>(begin_week), CellWidth::kDay);
    const Status compared = comparison.run(range, week, is_of_a_week);
    week.clear();
    return compared;
  };
  for (std::size_t i = 0; i < days.size(); ++i) {
    const std::uint16_t day = days[i];
    begin_week = partition_first_day(CellWidth::kDay, CellKind::kCounts, day);
    CellMap cells, of_the_day;
    if (Status made = recompute.day_cells(day, &cells, findings); !made.ok()) return made;
    for (auto& [key, value] : cells) {
      if (!is_of_a_week(decode_cell_key(key).value())) {
        of_the_day.emplace(key, std::move(value));
      } else if (Status merged = merge_into(&week, key, value); !merged.ok()) {
        return merged;
      }
    }
    const auto not_of_a_week = [](const CellKey& key) { return !is_of_a_week(key); };
    Status compared = comparison.run(cell_range(day), of_the_day, not_of_a_week);
    if (!compared.ok()) return compared;
    ++findings->report.days_recomputed;
    const bool last_of_week =
        i + 1 == days.size() ||
        partition_first_day(CellWidth::kDay, CellKind::kCounts, days[i + 1]) != begin_week;
    if (!last_of_week) continue;
    if (compared = compare_week(); !compared.ok()) return compared;
  }
  return ok_status();
}

}  // namespace kpi
