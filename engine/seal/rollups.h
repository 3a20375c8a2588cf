// Labels that are rolled up: which, under which number in the keys of cells, and from which day on
// their cells are complete. One entry of `meta` each.
#pragma once
#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cell/cells_builder.h"
#include "engine/dictionary/dictionary.h"
#include "engine/read/read_source.h"
#include "engine/rocks/database.h"
#include "kpi/result.h"

namespace kpi {

inline constexpr std::string_view kRollupPrefix = "rollup/";

// Names as EngineOptions::rollup_labels has them. kLimitExceeded: too many, or too long a name;
// kInvalidArgument: an empty one, or one twice.
Status check_rollup_labels(std::span<const std::string> labels);

// By name, as they were at `snapshot` (nullptr: now). kCorruption names the entry.
Result<std::vector<Rollup>> read_rollups(const Database& database,
                                         const rocksdb::Snapshot* snapshot);

// Makes the stored list that of `labels`, which were checked: new ones begin with the day after the
// last that has anything sealed or taken in, others are kept, and those no longer named go with
// their cells. One atomic write, none where nothing changes. No seal may run meanwhile.
Status configure_rollups(const Database& database, std::span<const std::string> labels);

// Of a store that takes in another's cells, whose events of days before `first_day` are gone: the
// labels in `taken_in` are complete from where they were there (ids are not looked at), all others
// not before `first_day`. Adds to `batch`.
Status adopt_rollups(const Database& database, std::span<const Rollup> taken_in,
                     std::uint16_t first_day, rocksdb::WriteBatch* batch);

// As CellsBuilder has them.
std::vector<LabelRollup> label_rollups(const std::vector<Rollup>& rollups,
                                       const Dictionary& dictionary);

}  // namespace kpi
