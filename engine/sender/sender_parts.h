// Parts of what is known of the senders of an RP and day, on disk: each under a number of its own.
#pragma once
#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <cstdint>

#include "engine/cell/senders_value.h"
#include "engine/rocks/database.h"
#include "kpi/result.h"

namespace kpi {

// The number of the next part, from 1. `cells`: over the family `cells`. Whoever writes it keeps
// others from writing senders meanwhile.
Result<std::uint32_t> next_sender_part(rocksdb::Iterator* cells, std::uint16_t day,
                                       std::uint32_t rp);
// As encode_senders() wants them, and at least one.
void put_sender_part(const Database& database, std::uint16_t day, std::uint32_t rp,
                     std::uint32_t part, const SenderHours& hours, rocksdb::WriteBatch* batch);

}  // namespace kpi
