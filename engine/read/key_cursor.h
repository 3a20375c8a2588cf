// Walking over keys of a column family at a ReadSource's moment, and from series to wanted series.
#pragma once
#include <rocksdb/iterator.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/key/key.h"
#include "engine/read/read_source.h"
#include "engine/read/series_set.h"
#include "kpi/event.h"
#include "kpi/result.h"

namespace kpi {

// Not thread-safe. What key() and value() give lives until the cursor moves.
class KeyCursor {
 public:
  // Sees keys below `end`.
  KeyCursor(const ReadSource& source, Family family, std::string end);
  KeyCursor(const KeyCursor&) = delete;
  KeyCursor& operator=(const KeyCursor&) = delete;

  // True while there is a key; false: the end, or an error, which status() has.
  bool seek(std::string_view key);
  bool next();
  std::string_view key() const { return {it_->key().data(), it_->key().size()}; }
  std::string_view value() const { return {it_->value().data(), it_->value().size()}; }
  Status status() const;

 private:
  const std::string end_;
  rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> it_;
};

// Called with a key and the cursor's value; an error ends the walk and becomes its result.
using CellVisit = std::function<Status(const CellKey&, std::string_view value)>;
using ChunkVisit = std::function<Status(const RawKey&, std::string_view value)>;

// The cells of the partitions that meet `range`: by partition, then by series. `range` lies within
// 0..kTimeMsMax + 1. Partitions and series without data cost a seek at most.
Status for_each_cell(KeyCursor* cursor, CellWidth width, CellKind kind, TimeRange range,
                     const SeriesSet& series, const CellVisit& visit);
// Label cells of days, likewise; of each series all values of the rollup's label.
Status for_each_label_cell(KeyCursor* cursor, CellKind kind, std::uint32_t rollup, TimeRange range,
                           const SeriesSet& series, const CellVisit& visit);
// The chunks whose day or hour meets `range`: by day, then by series, hour, seal.
// `sparse`: only those of hour kHourSparse.
Status for_each_chunk(KeyCursor* cursor, TimeRange range, const SeriesSet& series, bool sparse,
                      const ChunkVisit& visit);

}  // namespace kpi
