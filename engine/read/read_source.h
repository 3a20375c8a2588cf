// All that an answer is made from, at one moment: a RocksDB snapshot, the live rows that it does
// not hold, the dictionary, and how far back each kind of data reaches.
#pragma once
#include <rocksdb/db.h>
#include <rocksdb/snapshot.h>

#include <cstdint>

#include "engine/dictionary/dictionary.h"
#include "engine/live/live_view.h"
#include "engine/rocks/database.h"

namespace kpi {

// First UTC day (days since the epoch) of which data of a kind is still kept; 0: all of it.
struct Horizons {
  std::uint16_t raw = 0, minute = 0, hour = 0, day = 0;
};

struct ReadSource {
  const Database* database = nullptr;
  const rocksdb::Snapshot* snapshot = nullptr;  // nullptr: the latest state.
  const Dictionary* dictionary = nullptr;
  const LiveView* live = nullptr;
  Horizons horizons;
};

}  // namespace kpi
