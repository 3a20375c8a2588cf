// What a store knows when it opens: the journal, read back into memory.
#pragma once
#include <cstdint>

#include "engine/dictionary/dictionary.h"
#include "engine/live/live.h"
#include "engine/rocks/database.h"
#include "kpi/result.h"

namespace kpi {

struct Replayed {
  std::uint64_t last_sequence = 0;  // Of the newest record; 0: none.
  std::uint64_t records = 0, events = 0, bytes = 0;
};
// Adds the rows of every journal record to the active generation of `live`, and publishes them.
// kCorruption with the sequence of the record that is damaged.
Result<Replayed> replay_journal(const Database& database, const Dictionary& dictionary, Live* live);

}  // namespace kpi
