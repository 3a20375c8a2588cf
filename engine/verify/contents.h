// Checks of single stored values: they decode, are canonical, and name only what has a name.
#pragma once
#include <string>
#include <string_view>

#include "engine/chunk/event_columns.h"
#include "engine/dictionary/dictionary.h"
#include "engine/key/key.h"
#include "kpi/result.h"

namespace kpi {

// Replaces *events by those of the chunk.
Status check_chunk(const RawKey& key, std::string_view value, const Dictionary& dictionary,
                   EventColumns* events);
// Adds the number of sketches in it.
Status check_cell(const CellKey& key, std::string_view value, const Dictionary& dictionary,
                  std::uint64_t* sketches);
// Adds the number of its events.
Status check_journal_record(std::string_view value, const Dictionary& dictionary,
                            std::uint64_t* events);

}  // namespace kpi
