// The merge operator of the column family `cells`.
#pragma once
#include <memory>

namespace rocksdb {
class MergeOperator;
}

namespace kpi {

// Named "kpi.cells.1". Dispatches by the kind in the key; a damaged key or operand makes the read
// or compaction a Corruption; an operand that is alone is passed on unread, and its checksum, which
// every reader checks, with it. Never throws. Thread-safe.
std::shared_ptr<rocksdb::MergeOperator> make_cell_merge_operator();

}  // namespace kpi
