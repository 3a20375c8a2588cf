// A data directory before a database is opened in it: making it, recognizing what is not ours, and
// noticing what a writer beside us drops.
#pragma once
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>

#include "kpi/engine.h"
#include "kpi/result.h"

namespace kpi {

// Makes the directory, durably, where options allow it. kIo.
Status prepare_directory(const EngineOptions& options);

// Refuses, before anything is changed, what opening would damage. kCorruption: another program's
// database, or a store that has lost its list of files. kUnsupported: a newer program's store.
// An empty directory passes, and so does a store whose making was cut short.
Status check_directory(const EngineOptions& options);

// Makes durable what the logs hold that a process left which was killed: what is written from now
// on builds upon it. kIo.
Status sync_logs(const std::filesystem::path& dir);

// How many of the last column families the store in `dir` lacks: that of request keys until format
// version 2, that of documents as well in version 1.
std::size_t families_missing(const std::filesystem::path& dir);

// What may go while a reader opens the files of a store that another process writes.
struct DirectoryState {
  std::string file_list;  // Changes with each version of the list of files.
  std::set<std::string> logs;
  // False: a log that a reader may have needed was dropped since.
  bool keeps_logs_of(const DirectoryState& before) const;
};
DirectoryState directory_state(const std::filesystem::path& dir);

}  // namespace kpi
