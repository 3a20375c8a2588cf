// The taking-in side of kpi/transfer.h: names, cells and documents as one write.
#pragma once
#include <rocksdb/write_batch.h>

#include "engine/dictionary/dictionary.h"
#include "engine/read/read_source.h"
#include "engine/rocks/database.h"
#include "kpi/transfer.h"

namespace kpi {

// Fills `batch`, which is then to be written before any other use of the dictionary. Holders of
// Committer::group_mutex() only. Cells that this store's own retention would have dropped are left
// out. kInvalidArgument or kCorruption (a sketch) name the item, counted from 1, and what is wrong;
// kLimitExceeded: kTransferItemsMax. On error the batch is not to be written.
Status gather_import(const Database& database, Dictionary* dictionary, const Horizons& horizons,
                     const TransferBatch& items, rocksdb::WriteBatch* batch);

}  // namespace kpi
