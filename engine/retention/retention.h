// What has aged out: how far back each kind of data reaches, and dropping what lies before.
#pragma once
#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include "engine/read/read_source.h"
#include "engine/rocks/database.h"
#include "kpi/engine.h"
#include "kpi/result.h"

namespace kpi {

// As they were at `snapshot` (nullptr: now).
Result<Horizons> read_horizons(const Database& database, const rocksdb::Snapshot* snapshot);

// Where the retention of `options` has them at a time; never before `now`.
Horizons wanted_horizons(const EngineOptions& options, std::int64_t now_ms, const Horizons& now);

void put_horizons(const Database& database, const Horizons& horizons, rocksdb::WriteBatch* batch);

// Moves the horizons to where the retention of `options` has them at a time, never back; that of
// raw events only past days that had some. It counts the time of events, not of their arrival.
// Before raw events of a day go, the hour cells that sparse series have not got yet are written, so
// that the hourly history which its own retention promises is whole. One atomic batch a day; files
// that lie as a whole before a horizon of an earlier pass are dropped, not rewritten, while no view
// is out. One caller at a time; no seal may run meanwhile.
Status drop_aged_out(const Database& database, const EngineOptions& options, std::int64_t now_ms);

}  // namespace kpi
