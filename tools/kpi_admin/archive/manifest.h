// What an archive of a store holds: manifest.json in its directory. Written anew, atomically, after
// each file, so that an interrupted export knows how far it came.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kpi/result.h"
#include "kpi/transfer.h"

namespace kpi::tools {

struct ArchiveFile {
  std::string name;  // Within the directory; no path.
  std::uint64_t lines = 0, bytes = 0;
  std::string sha256;       // Lower-case hex.
  std::int64_t day_ms = 0;  // Of a file of events: the UTC day.
  bool events = false;
  bool operator==(const ArchiveFile&) const = default;
};

struct Manifest {
  std::string id;  // 32 hex digits, random: what an import remembers.
  TransferHead head;
  std::vector<ArchiveFile> files;  // In the order in which they are taken in.
  bool complete = false;
};

// kNotFound: there is none. kUnsupported: of a newer version. kCorruption: what is wrong with it.
Result<Manifest> read_manifest(const std::filesystem::path& dir);
Status write_manifest(const std::filesystem::path& dir, const Manifest& manifest);
std::string random_id();

}  // namespace kpi::tools
