#include "engine/retention/retention.h"

#include <rocksdb/convenience.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <memory>

#include "engine/base/bytes.h"
#include "engine/cell/cells_builder.h"
#include "engine/chunk/chunk.h"
#include "engine/key/key.h"
#include "kpi/assert.h"
#include "kpi/canary.h"

namespace kpi {
namespace {

constexpr char kMetaHorizons[] = "horizons";  // u16 each: raw, minute, hour, day.

rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

std::string encode_horizons(const Horizons& horizons) {
  std::string bytes;
  for (const std::uint16_t day : {horizons.raw, horizons.minute, horizons.hour, horizons.day}) {
    append_little_endian(bytes, day);
  }
  return bytes;
}

// The first day to keep; 0 where everything is kept.
std::uint16_t first_kept(std::uint16_t today, int days) {
  if (days <= 0 || days >= today) return 0;
  return static_cast<std::uint16_t>(today - days + (canary("retention-a-day-too-much") ? 1 : 0));
}

class Pass {
 public:
  Pass(const Database& database, Horizons now, Horizons wanted)
      : database_(database), now_(now), wanted_(wanted) {}

  Status run() {
    drop_files();
    if (Status s = drop_cells(CellWidth::kMinute, &now_.minute, wanted_.minute); !s.ok()) return s;
    if (Status s = drop_cells(CellWidth::kHour, &now_.hour, wanted_.hour); !s.ok()) return s;
    if (Status s = drop_cells(CellWidth::kDay, &now_.day, wanted_.day); !s.ok()) return s;
    return age_raw();
  }

 private:
  // Keys before the horizon were deleted by an earlier pass, so whole files of them can go; but
  // files go from under snapshots too, and a view that is out may be older than that pass.
  void drop_files() {
    std::uint64_t snapshots = 1;
    database_.db().GetIntProperty(rocksdb::DB::Properties::kNumSnapshots, &snapshots);
    if (now_.raw == 0 || snapshots > 0) return;
    const KeyRange range = raw_days_before(now_.raw);
    const rocksdb::Slice begin = range.begin, end = range.end;
    (void)rocksdb::DeleteFilesInRange(&database_.db(), database_.family(Family::kRaw), &begin, &end,
                                      false);
  }

  Status write(rocksdb::WriteBatch* batch) {
    put_horizons(database_, now_, batch);
    const rocksdb::Status status = database_.db().Write(database_.write_options(), batch);
    return status.ok() ? ok_status() : Status(to_error(status, "write horizons"));
  }

  // The horizon of raw events moves past days that had some, no further: old events that a store
  // takes in for the first time stay readable until the next pass.
  Status age_raw() {
    while (now_.raw < wanted_.raw) {
      Result<std::uint16_t> day = next_raw_day(now_.raw);
      if (!day.ok()) return day.error();
      if (day.value() >= wanted_.raw) break;
      if (Status aged = age_day(day.value()); !aged.ok()) return aged;
    }
    return ok_status();
  }

  // The first day from `from` on that has chunks; a day beyond all where none has.
  Result<std::uint16_t> next_raw_day(std::uint16_t from) const {
    const std::unique_ptr<rocksdb::Iterator> it(
        database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kRaw)));
    it->Seek(raw_range(from).begin);
    if (!it->status().ok()) return to_error(it->status(), "read raw");
    if (!it->Valid()) return std::uint16_t{0xFFFF};
    const Result<RawKey> key = decode_raw_key(view_of(it->key()));
    if (!key.ok()) return key.error();
    return key.value().day;
  }

  Status age_day(std::uint16_t day) {
    rocksdb::WriteBatch batch;
    if (day >= now_.hour) {
      if (Status hours = write_hours(day, &batch); !hours.ok()) return hours;
    }
    const KeyRange range = raw_range(day);
    const rocksdb::Status status =
        batch.DeleteRange(database_.family(Family::kRaw), range.begin, range.end);
    if (!status.ok()) return to_error(status, "drop raw events");
    now_.raw = static_cast<std::uint16_t>(day + 1);
    return write(&batch);
  }

  Status write_hours(std::uint16_t day, rocksdb::WriteBatch* batch) {
    rocksdb::Status merged;  // The first that was not OK: raw must not go without its hours.
    // Day cells and those of all RPs were written when these events were sealed.
    CellsBuilder cells([&](std::string_view key, std::string_view value) {
      const Result<CellKey> cell = decode_cell_key(key);
      if (!cell.ok() || cell.value().width != CellWidth::kHour || cell.value().series == 0) return;
      const rocksdb::Status status =
          batch->Merge(database_.family(Family::kCells), slice_of(key), slice_of(value));
      if (merged.ok()) merged = status;
    });
    cells.begin_day(day);
    const KeyRange range = raw_range(day);
    rocksdb::ReadOptions options;
    const rocksdb::Slice end = range.end;
    options.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> it(
        database_.db().NewIterator(options, database_.family(Family::kRaw)));
    ChunkSelection everything;
    everything.all_measures = true;
    EventColumns events;
    for (it->Seek(range.begin); it->Valid(); it->Next()) {
      const Result<RawKey> key = decode_raw_key(view_of(it->key()));
      if (!key.ok()) return key.error();
      if (key.value().hour != kHourSparse) continue;
      Status decoded = decode_chunk(view_of(it->value()), day_begin_ms(day), everything, &events);
      if (!decoded.ok()) return decoded;
      cells.add_series(key.value().rp, key.value().series, events, true);
    }
    cells.end_day();
    if (!merged.ok()) return to_error(merged, "write the hours of aged events");
    return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read raw"));
  }

  // The cells and their horizon go in one batch: no view may see the one without the other.
  Status drop_cells(CellWidth width, std::uint16_t* horizon, std::uint16_t until) {
    const std::unique_ptr<rocksdb::Iterator> it(
        database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kCells)));
    rocksdb::WriteBatch batch;
    for (std::uint32_t day = *horizon; day < until; ++day) {
      const KeyRange range = cell_range(static_cast<std::uint16_t>(day), width);
      it->Seek(range.begin);
      if (!it->Valid()) break;
      const Result<CellKey> key = decode_cell_key(view_of(it->key()));
      if (!key.ok()) return key.error();
      if (key.value().first_day > day) {
        day = key.value().first_day - 1U;  // Over the days that have no cells at all.
        continue;
      }
      if (key.value().width != width) continue;
      const rocksdb::Status status =
          batch.DeleteRange(database_.family(Family::kCells), range.begin, range.end);
      if (!status.ok()) return to_error(status, "drop cells");
    }
    if (!it->status().ok()) return to_error(it->status(), "read cells");
    if (*horizon >= until) return ok_status();
    *horizon = until;
    return write(&batch);
  }

  const Database& database_;
  Horizons now_;
  const Horizons wanted_;
};

}  // namespace

Horizons wanted_horizons(const EngineOptions& options, std::int64_t now_ms, const Horizons& now) {
  const std::uint16_t today = day_of(std::clamp<std::int64_t>(now_ms, 0, kTimeMsMax));
  const std::uint16_t day = first_kept(today, options.retention_day_days);
  Horizons wanted;
  wanted.raw = std::max(now.raw, first_kept(today, options.retention_raw_days));
  wanted.minute = std::max(now.minute, first_kept(today, options.retention_minute_days));
  wanted.hour = std::max(now.hour, first_kept(today, options.retention_hour_days));
  // Day cells go by whole weeks.
  wanted.day = std::max(now.day, partition_first_day(CellWidth::kDay, CellKind::kCounts, day));
  return wanted;
}

Result<Horizons> read_horizons(const Database& database, const rocksdb::Snapshot* snapshot) {
  Result<std::string> bytes = database.meta(kMetaHorizons, snapshot);
  if (!bytes.ok()) return bytes.error();
  Horizons horizons;
  if (bytes.value().empty()) return horizons;
  ByteReader reader(bytes.value());
  if (!reader.little_endian(horizons.raw) || !reader.little_endian(horizons.minute) ||
      !reader.little_endian(horizons.hour) || !reader.little_endian(horizons.day)) {
    return Error{ErrorCode::kCorruption, "meta: damaged horizons", {}, 0};
  }
  return horizons;
}

void put_horizons(const Database& database, const Horizons& horizons, rocksdb::WriteBatch* batch) {
  const rocksdb::Status status =
      batch->Put(database.family(Family::kMeta), kMetaHorizons, encode_horizons(horizons));
  KPI_ASSERT(status.ok());  // Only fails beyond a size limit, which is not set.
}

Status drop_aged_out(const Database& database, const EngineOptions& options, std::int64_t now_ms) {
  Result<Horizons> now = read_horizons(database, nullptr);
  if (!now.ok()) return now.error();
  const Horizons wanted = wanted_horizons(options, now_ms, now.value());
  if (wanted.raw == now.value().raw && wanted.minute == now.value().minute &&
      wanted.hour == now.value().hour && wanted.day == now.value().day) {
    return ok_status();
  }
  return Pass(database, now.value(), wanted).run();
}

}  // namespace kpi
