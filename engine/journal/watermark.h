// The store's own durable watermark: the last journal sequence that was on disk, in a file of its
// own. A log that comes back shorter than it says has lost acknowledged records, which RocksDB
// does not notice when a whole live log is missing.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <utility>

#include "engine/rocks/slot_file.h"
#include "kpi/result.h"

namespace kpi {

class Watermark {
 public:
  // `path` need not exist. Not thread-safe.
  explicit Watermark(std::filesystem::path path) : slots_(std::move(path), sizeof(std::uint64_t)) {}

  // The highest sequence that was written whole; 0 if none ever was. kIo.
  Result<std::uint64_t> read() const;
  // The same; `warn` is told if it is damaged.
  Result<std::uint64_t> read(const std::function<void(std::string_view)>& warn) const;
  // True: read() knows nothing, though there was something to know. kIo.
  Result<bool> is_damaged() const { return slots_.is_damaged(); }
  // Durable when it returns. Writes nothing if `sequence` is what was written last.
  Status write(std::uint64_t sequence);

 private:
  SlotFile slots_;
  std::uint64_t written_ = 0;
};

}  // namespace kpi
