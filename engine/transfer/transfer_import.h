// The taking-in side of kpi/transfer.h: names, cells, senders and documents as one write.
#pragma once
#include <rocksdb/write_batch.h>

#include <vector>

#include "engine/dictionary/dictionary.h"
#include "engine/document/document_writer.h"
#include "engine/live/live.h"
#include "engine/read/read_source.h"
#include "engine/rocks/database.h"
#include "kpi/transfer.h"

namespace kpi {

// What makes a store without events answer for the same times as another: horizons, and the journal
// sequence. False, and an empty batch: it has done so already. kInvalidArgument: it has events. No
// seal, no retention pass and no commit may run meanwhile.
Result<bool> gather_adoption(const Database& database, const Live& live, const TransferHead& head,
                             rocksdb::WriteBatch* batch);

// Where items go.
struct ImportTarget {
  const Database& database;
  Dictionary* dictionary;
  DocumentWriter& documents;
  Horizons horizons;
  std::vector<Rollup> rollups;
};
// Fills `batch`, which is then to be written before any other use of the dictionary. Holders of
// Committer::group_mutex() only, while nobody else writes senders. Cells and senders that this
// store's own retention would have dropped are left out. kInvalidArgument or kCorruption (a sketch)
// name the item, counted from 1, and what is wrong; kLimitExceeded: kTransferItemsMax. On error
// nothing has an id that had none, and the batch is not to be written.
Status gather_import(const ImportTarget& target, const TransferBatch& items,
                     rocksdb::WriteBatch* batch);

}  // namespace kpi
