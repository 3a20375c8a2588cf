// Counts of many series from slabs: added up in an array by series id, so that 100,000 series cost
// a few ms, and handed on by group.
#pragma once
#include <cstdint>
#include <vector>

#include "engine/key/key.h"
#include "engine/read/accumulator.h"
#include "engine/read/series_set.h"
#include "kpi/result.h"

namespace kpi {

// 40 bytes a series. Single use; not thread-safe. What it is given outlives it.
class Ranking {
 public:
  Ranking(const SeriesSet& series, const Dictionary& dictionary, Accumulator* accumulator);

  // The slabs that hold the series, as keys (0, slab).
  SeriesSet slabs() const;
  // Adds a slab of one day; days ascend. *cells grows by the series that had events.
  Status add_slab(const CellKey& key, std::string_view value, std::uint64_t* cells);
  // Hands the last days on.
  void finish();

 private:
  void hand_on();

  Accumulator& accumulator_;
  std::vector<Counts> counts_;         // By series id.
  std::vector<std::uint32_t> key_of_;  // The series' key; kNoGroup: not asked for.
  std::vector<Counts> by_key_;
  std::uint32_t keys_ = 0;
  bool has_counts_ = false;
  std::int64_t time_ms_ = 0;  // Of a day in the time bucket that counts_ is of.
};

}  // namespace kpi
