// Marks: words that callers write together with a batch. Functions of their arguments.
#pragma once
#include <rocksdb/write_batch.h>

#include <string>
#include <string_view>

#include "engine/rocks/database.h"
#include "kpi/engine.h"
#include "kpi/result.h"

namespace kpi {

// kLimitExceeded: its name or value is too long.
Status check_mark(const Mark& mark);
// Adds to `batch` what replaces or (with an empty value) removes it; nothing where the name is
// empty. Requires a mark that was checked.
rocksdb::Status put_mark(const Database& database, const Mark& mark, rocksdb::WriteBatch* batch);
// kNotFound; kCorruption.
Result<std::string> read_mark(const Database& database, std::string_view name);

}  // namespace kpi
