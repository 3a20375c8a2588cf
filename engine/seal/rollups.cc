#include "engine/seal/rollups.h"

#include <algorithm>
#include <memory>

#include "engine/base/bytes.h"
#include "engine/key/key.h"
#include "engine/meta/named_value.h"
#include "engine/retention/retention.h"
#include "engine/rocks/format.h"
#include "kpi/limits.h"

namespace kpi {
namespace {

constexpr char kMetaRollups[] = "rollups";  // u64: the last id given.

std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Result<Rollup> decode(std::string_view key, std::string_view value) {
  Result<std::string_view> payload = decode_named(key, value);
  if (!payload.ok()) return payload.error();
  ByteReader reader(payload.value());
  Rollup rollup;
  rollup.label = key.substr(kRollupPrefix.size());
  if (!reader.little_endian(rollup.id) || !reader.little_endian(rollup.first_day) ||
      !reader.done() || rollup.id == 0 || rollup.label.empty()) {
    return Error{ErrorCode::kCorruption, "meta: damaged " + std::string(key), {}, 0};
  }
  return rollup;
}

rocksdb::Status put(const Database& database, const Rollup& rollup, rocksdb::WriteBatch* batch) {
  std::string payload;
  append_little_endian(payload, rollup.id);
  append_little_endian(payload, rollup.first_day);
  const std::string key = named_key(kRollupPrefix, rollup.label);
  return batch->Put(database.family(Family::kMeta), key, encode_named(key, payload));
}

std::unique_ptr<rocksdb::Iterator> iterate(const Database& database, Family family) {
  return std::unique_ptr<rocksdb::Iterator>(
      database.db().NewIterator(rocksdb::ReadOptions(), database.family(family)));
}

// The day after the last that has chunks or cells. A seal gives every day it writes a slab, whose
// key is the day's; cells that were taken in lie before the horizon of raw events.
Result<std::uint32_t> first_free_day(const Database& database) {
  Result<Horizons> horizons = read_horizons(database, nullptr);
  if (!horizons.ok()) return horizons.error();
  std::uint32_t free = horizons.value().raw;
  const auto cells = iterate(database, Family::kCells);
  cells->SeekToLast();
  if (cells->Valid()) {
    const Result<CellKey> key = decode_cell_key(view_of(cells->key()));
    if (!key.ok()) return key.error();
    free = std::max(free, key.value().first_day + 1U);
  }
  if (!cells->status().ok()) return to_error(cells->status(), "read cells");
  const auto raw = iterate(database, Family::kRaw);
  raw->SeekToLast();
  if (raw->Valid()) {
    const Result<RawKey> key = decode_raw_key(view_of(raw->key()));
    if (!key.ok()) return key.error();
    free = std::max(free, key.value().day + 1U);
  }
  if (!raw->status().ok()) return to_error(raw->status(), "read raw");
  return free;
}

// Its keys are a range in each week.
Status delete_cells(const Database& database, const Rollup& rollup, rocksdb::WriteBatch* batch) {
  const auto it = iterate(database, Family::kCells);
  for (std::uint32_t day = 0; day <= 0xFFFF;) {
    const auto week = static_cast<std::uint16_t>(day);
    it->Seek(cell_range(week).begin);
    if (!it->Valid()) break;
    const Result<CellKey> key = decode_cell_key(view_of(it->key()));
    if (!key.ok()) return key.error();
    const std::uint16_t next =
        partition_first_day(CellWidth::kDay, CellKind::kLabelCounts, key.value().first_day);
    if (next > week) {  // Over the weeks that have no cells at all.
      day = next;
      continue;
    }
    for (const CellKind kind : {CellKind::kLabelCounts, CellKind::kLabelSketches}) {
      const KeyRange range = label_cell_range(week, kind, rollup.id);
      const rocksdb::Status status =
          batch->DeleteRange(database.family(Family::kCells), range.begin, range.end);
      if (!status.ok()) return to_error(status, "drop label cells");
    }
    day += kDaysPerWeek;
  }
  return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read cells"));
}

bool names(std::span<const std::string> labels, const std::string& label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

Status drop_unnamed(const Database& database, std::span<const std::string> labels,
                    const std::vector<Rollup>& stored, rocksdb::WriteBatch* batch) {
  for (const Rollup& rollup : stored) {
    if (names(labels, rollup.label)) continue;
    if (Status cells = delete_cells(database, rollup, batch); !cells.ok()) return cells;
    const rocksdb::Status erased =
        batch->Delete(database.family(Family::kMeta), named_key(kRollupPrefix, rollup.label));
    if (!erased.ok()) return to_error(erased, "drop a rollup");
  }
  return ok_status();
}

Status add_new(const Database& database, std::span<const std::string> labels,
               const std::vector<Rollup>& stored, rocksdb::WriteBatch* batch) {
  Result<std::uint64_t> last = meta_number(database, kMetaRollups, nullptr);
  if (!last.ok()) return last.error();
  Result<std::uint32_t> day = first_free_day(database);
  if (!day.ok()) return day.error();
  auto id = static_cast<std::uint32_t>(last.value());
  rocksdb::Status written;
  for (const std::string& label : labels) {
    const bool known = std::any_of(stored.begin(), stored.end(),
                                   [&](const Rollup& rollup) { return rollup.label == label; });
    if (known) continue;
    ++id;
    if (written.ok()) written = put(database, {label, id, day.value()}, batch);
  }
  if (id == last.value()) return ok_status();
  std::string bytes;
  append_little_endian(bytes, std::uint64_t{id});
  if (written.ok()) written = batch->Put(database.family(Family::kMeta), kMetaRollups, bytes);
  return written.ok() ? ok_status() : Status(to_error(written, "write a rollup"));
}

}  // namespace

Status check_rollup_labels(std::span<const std::string> labels) {
  if (labels.size() > kRollupLabelsMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "rollup_labels: " + std::to_string(labels.size()) + " labels, at most " +
                     std::to_string(kRollupLabelsMax) + " can be rolled up",
                 {},
                 0};
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].empty()) {
      return Error{ErrorCode::kInvalidArgument, "rollup_labels: an empty name", {}, 0};
    }
    if (labels[i].size() > kLabelNameBytesMax) {
      return Error{ErrorCode::kLimitExceeded,
                   "rollup_labels: a name of " + std::to_string(labels[i].size()) +
                       " bytes, at most " + std::to_string(kLabelNameBytesMax) + " are allowed",
                   {},
                   0};
    }
    if (names(labels.first(i), labels[i])) {
      return Error{
          ErrorCode::kInvalidArgument, "rollup_labels: '" + labels[i] + "' stands twice", {}, 0};
    }
  }
  return ok_status();
}

Result<std::vector<Rollup>> read_rollups(const Database& database,
                                         const rocksdb::Snapshot* snapshot) {
  std::vector<Rollup> rollups;
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(options, database.family(Family::kMeta)));
  const rocksdb::Slice prefix(kRollupPrefix.data(), kRollupPrefix.size());
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    Result<Rollup> rollup = decode(view_of(it->key()), view_of(it->value()));
    if (!rollup.ok()) return rollup.error();
    rollups.push_back(std::move(rollup).value());
  }
  if (!it->status().ok()) return to_error(it->status(), "read rollups");
  return rollups;
}

Status configure_rollups(const Database& database, std::span<const std::string> labels) {
  Result<std::vector<Rollup>> stored = read_rollups(database, nullptr);
  if (!stored.ok()) return stored.error();
  rocksdb::WriteBatch batch;
  if (Status s = drop_unnamed(database, labels, stored.value(), &batch); !s.ok()) return s;
  if (Status s = add_new(database, labels, stored.value(), &batch); !s.ok()) return s;
  if (batch.Count() == 0) return ok_status();
  const rocksdb::Status written = database.db().Write(database.write_options(), &batch);
  return written.ok() ? ok_status() : Status(to_error(written, "write rollups"));
}

Status adopt_rollups(const Database& database, std::span<const Rollup> taken_in,
                     std::uint16_t first_day, rocksdb::WriteBatch* batch) {
  Result<std::vector<Rollup>> stored = read_rollups(database, nullptr);
  if (!stored.ok()) return stored.error();
  for (Rollup& rollup : stored.value()) {
    const auto same = std::find_if(taken_in.begin(), taken_in.end(),
                                   [&](const Rollup& each) { return each.label == rollup.label; });
    const std::uint32_t wanted = same == taken_in.end() ? first_day : same->first_day;
    rollup.first_day = std::max(rollup.first_day, wanted);
    const rocksdb::Status written = put(database, rollup, batch);
    if (!written.ok()) return to_error(written, "write a rollup");
  }
  return ok_status();
}

std::vector<LabelRollup> label_rollups(const std::vector<Rollup>& rollups,
                                       const Dictionary& dictionary) {
  std::vector<LabelRollup> found;
  for (const Rollup& rollup : rollups) {
    found.push_back({rollup.id, dictionary.find_label(rollup.label).value_or(0), rollup.first_day});
  }
  return found;
}

}  // namespace kpi
