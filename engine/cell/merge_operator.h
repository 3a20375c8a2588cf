// The merge operator of the column family `cells`.
#pragma once
#include <memory>

namespace rocksdb {
class MergeOperator;
}

namespace kpi {

// Named "kpi.cells.1". Dispatches by the kind in the key; a damaged key or operand makes the read
// or compaction a Corruption. Never throws. Thread-safe.
std::shared_ptr<rocksdb::MergeOperator> make_cell_merge_operator();

}  // namespace kpi
