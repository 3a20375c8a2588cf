// The files of a store held open at one moment, while another process may go on writing: whatever
// it drops afterwards stays readable here.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/backup/file_copy.h"
#include "kpi/result.h"

namespace kpi {

struct PinnedFiles {
  struct File {
    std::string name;
    OpenFile file;
    std::uint64_t bytes = 0;  // So much of it belongs to the moment.
  };
  std::uint64_t durable = 0;       // The watermark, read first: the files reach at least so far.
  std::string current;             // The content of CURRENT.
  File list;                       // MANIFEST-...
  std::vector<File> tables, logs;  // Perhaps more tables than the list names.
  std::string identity;
};

// RocksDB drops a file only after its list of files has said so. So while that list stands still,
// every file it names is there; and a log is complete once its successor exists. The list is read
// before and after the others are opened, until it did stand still. kBusy: it never did.
// kNotFound: `dir` holds no store. kLimitExceeded: more files than the process may open.
Result<PinnedFiles> pin_files(const std::filesystem::path& dir);

}  // namespace kpi
