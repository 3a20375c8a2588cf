#include "engine/sender/sender_parts.h"

#include "engine/key/key.h"
#include "kpi/assert.h"

namespace kpi {

Result<std::uint32_t> next_sender_part(rocksdb::Iterator* cells, std::uint16_t day,
                                       std::uint32_t rp) {
  const KeyRange range = cell_range(day, CellWidth::kHour, CellKind::kSenders, rp);
  cells->SeekForPrev(range.end);
  if (!cells->status().ok()) return to_error(cells->status(), "read senders");
  if (!cells->Valid() || cells->key().compare(range.begin) < 0) return std::uint32_t{1};
  const Result<CellKey> last = decode_cell_key({cells->key().data(), cells->key().size()});
  if (!last.ok()) return last.error();
  // The end of the range is a key itself: of another RP.
  return last.value().rp == rp ? last.value().series + 1 : 1;
}

void put_sender_part(const Database& database, std::uint16_t day, std::uint32_t rp,
                     std::uint32_t part, const SenderHours& hours, rocksdb::WriteBatch* batch) {
  const auto key = encode(CellKey{day, CellWidth::kHour, CellKind::kSenders, rp, part});
  const rocksdb::Status put = batch->Put(database.family(Family::kCells),
                                         {key.bytes.data(), key.size}, encode_senders(hours));
  KPI_ASSERT(put.ok());  // Only fails beyond a size limit, which is not set.
}

}  // namespace kpi
