// What RocksDB's logs hold beyond the tables, written into a database whose list of files was lost,
// and with it what each family had written out of which log.
#pragma once
#include <filesystem>

#include "engine/rocks/database.h"
#include "kpi/result.h"

namespace kpi {

// Writes into `database` what the logs in the directory `logs` have of each family behind the last
// sequence in its tables. Records that are damaged are left out, what follows a place of a log that
// cannot be read, and families that the database has not under their number: what the journal then
// lacks shows in its sequences. kIo: a log cannot be opened, or the database not written.
Status replay_logs(const std::filesystem::path& logs, const Database& database);

}  // namespace kpi
