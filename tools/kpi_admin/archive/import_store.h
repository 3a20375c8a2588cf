// Takes an archive, or a file of events, into a store: resumable, each event exactly once.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "kpi/result.h"

namespace kpi::tools {

struct ImportOptions {
  std::filesystem::path data_dir;
  std::filesystem::path archive;  // A directory of export_store(), or
  std::filesystem::path events;   // one file of NDJSON as export_store() writes them.
  std::uint64_t events_per_write = 10'000;
  bool quiet = false;
};

struct ImportSummary {
  std::uint64_t events = 0, rest_lines = 0;  // Taken in now.
  bool already_done = false;                 // Nothing was left to do.
};

// What was taken in is remembered in the store together with it, so an import that was interrupted
// at any moment goes on where it stopped, and one that is done does nothing. An archive goes into a
// store without events. kCorruption: a file is not what its manifest says, or a line is wrong, with
// its place; what an archive has before it stays, of a file of events nothing is taken. kCanceled:
// `stop`.
Result<ImportSummary> import_store(const ImportOptions& options, std::stop_token stop);

}  // namespace kpi::tools
