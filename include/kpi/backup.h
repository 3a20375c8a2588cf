// Backups of a store: a directory with its files as they were at one journal sequence, and a list
// of them with checksums.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "kpi/result.h"

namespace kpi {

struct BackupOptions {
  std::filesystem::path data_dir;  // A store, closed or open in another process.
  std::filesystem::path out;       // Absent, or an empty directory.
  // An earlier backup of the same store, or empty: tables that it has already are linked to, not
  // copied again. Each backup is whole without the other.
  std::filesystem::path base = {};
};

struct BackupSummary {
  std::uint64_t sequence = 0;          // Everything up to it is in, nothing behind it.
  std::uint64_t files = 0, bytes = 0;  // All of them.
  std::uint64_t files_linked = 0;      // Of these, shared with the base.
};

// Reads the store's files and changes nothing there; a writer goes on meanwhile. What it leaves was
// opened, and every table compared with the checksum that the store has of it. On an error nothing
// is left. kInvalidArgument: `out` is not free, or `base` is no backup of this store. kBusy: the
// store's list of files did not stand still. kCorruption: damage, named. kCanceled: `stop`.
Result<BackupSummary> back_up(const BackupOptions& options, std::stop_token stop);

// Compares every file of a backup with its list. kCorruption: names the first that differs, is
// missing, or does not belong there; kNotFound: no backup.
Result<BackupSummary> check_backup(const std::filesystem::path& backup, std::stop_token stop);

// Makes the store `data_dir` (absent, or an empty directory: kInvalidArgument) out of a backup.
// Files are checked as they are read and again as they were written, and the store is opened, all
// under another name; on an error nothing is left.
Result<BackupSummary> restore_backup(const std::filesystem::path& backup,
                                     const std::filesystem::path& data_dir, std::stop_token stop);

}  // namespace kpi
