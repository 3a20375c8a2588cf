// RocksDB's list of a store's files, CURRENT and the MANIFEST that it names, before RocksDB reads
// it: where a record seems to go beyond the end, RocksDB takes what comes before it for all, and
// deletes the tables that it then does not know.
#pragma once
#include <filesystem>

#include "kpi/result.h"

namespace kpi {

// kCorruption: the list is gone, or not what had been made durable (file_list_mark.h); or a bit has
// flipped in the head of a record, which would hide it and all that follow. What else RocksDB
// notices by itself passes, and so does an end that a crash has torn. kIo.
Status check_file_list(const std::filesystem::path& dir);

}  // namespace kpi
