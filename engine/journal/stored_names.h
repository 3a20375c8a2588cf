// The names of the dictionary on disk: family `names`, written in the batch that first uses them.
#pragma once
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <string_view>

#include "engine/dictionary/dictionary.h"
#include "engine/rocks/database.h"
#include "kpi/result.h"

namespace kpi {

// Fills an empty dictionary. kCorruption names what is damaged.
Status load_names(const Database& database, Dictionary* dictionary);

// The id of a name; a new one goes into `batch`, which must then be written before any other use of
// it. Holders of Committer::group_mutex() only.
std::uint32_t intern_name(const Database& database, Dictionary* dictionary, NameKind kind,
                          std::uint32_t parent, std::string_view name, rocksdb::WriteBatch* batch);

}  // namespace kpi
