// The list of a backup's files: BACKUP in its directory, plain lines under a checksum of their own
// (engine/FORMAT.md). A decoder trusts nothing.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/result.h"

namespace kpi {

inline constexpr char kBackupListName[] = "BACKUP";

struct BackupFile {
  std::string name;  // Within the directory; no path.
  std::uint64_t bytes = 0;
  std::string hash;  // XXH3-128 of the content, in hex.
  bool operator==(const BackupFile&) const = default;
};

struct BackupList {
  std::uint64_t sequence = 0;
  std::string identity;           // Of the database, made when the store was.
  std::vector<BackupFile> files;  // By name.
  bool operator==(const BackupList&) const = default;
};

std::string encode_backup_list(const BackupList& list);
// kUnsupported: of a newer version. kCorruption: what is wrong.
Result<BackupList> decode_backup_list(std::string_view text);
// kNotFound: no backup, or one that was cut short.
Result<BackupList> read_backup_list(const std::filesystem::path& backup);

}  // namespace kpi
