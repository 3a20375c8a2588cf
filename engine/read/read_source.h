// All that an answer is made from, at one moment: a RocksDB snapshot, the live rows that it does
// not hold, the dictionary, and how far back each kind of data reaches.
#pragma once
#include <rocksdb/db.h>
#include <rocksdb/snapshot.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/dictionary/dictionary.h"
#include "engine/live/live_view.h"
#include "engine/rocks/database.h"

namespace kpi {

class SenderTable;  // engine/sender/sender_table.h

// First UTC day (days since the epoch) of which data of a kind is still kept; 0: all of it.
struct Horizons {
  std::uint16_t raw = 0, minute = 0, hour = 0, day = 0;
};

// A label whose values have day cells of their own.
struct Rollup {
  std::string label;
  // From 1. Never given twice, so that what is left of an earlier time is never read.
  std::uint32_t id = 0;
  std::uint32_t first_day = 0;  // As above: from here on its cells hold every sealed event.
  bool operator==(const Rollup&) const = default;
};

struct ReadSource {
  const Database* database = nullptr;
  const rocksdb::Snapshot* snapshot = nullptr;  // nullptr: the latest state.
  const Dictionary* dictionary = nullptr;
  const LiveView* live = nullptr;
  Horizons horizons;
  std::vector<Rollup> rollups = {};
  const SenderTable* senders = nullptr;  // What is not on disk yet; nullptr: nothing.
};

}  // namespace kpi
