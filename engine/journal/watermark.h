// The store's own durable watermark: the last journal sequence that was on disk, in a file of its
// own. A log that comes back shorter than it says has lost acknowledged records, which RocksDB
// does not notice when a whole live log is missing.
#pragma once
#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <memory>

#include "kpi/result.h"

namespace kpi {

class Watermark {
 public:
  // `path` need not exist. Not thread-safe.
  explicit Watermark(std::filesystem::path path) : path_(std::move(path)) {}

  // The highest sequence that was written whole; 0 if none ever was. kIo.
  Result<std::uint64_t> read() const;
  // Durable when it returns. Writes nothing if `sequence` is what was written last.
  Status write(std::uint64_t sequence);

 private:
  rocksdb::Status open_file();
  std::filesystem::path path_;
  std::unique_ptr<rocksdb::RandomRWFile> file_;
  std::uint64_t written_ = 0;
  int slot_ = 0;  // Two slots in turn, so that a torn write leaves the other one.
};

}  // namespace kpi
