// A small file that is overwritten often and must not tear: two slots of 512 bytes in turn, each a
// payload and its XXH3.
#pragma once
#include <rocksdb/env.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/result.h"

namespace kpi {

class SlotFile {
 public:
  // `path` need not exist. Payloads have `payload_bytes`, at most 504. Not thread-safe.
  SlotFile(std::filesystem::path path, std::size_t payload_bytes)
      : path_(std::move(path)), payload_bytes_(payload_bytes) {}

  // The payloads of the slots that are whole, in no order: at most two. kIo.
  Result<std::vector<std::string>> read() const;
  // True: something was written there, and no slot of it is whole. kIo.
  Result<bool> is_damaged() const;
  // Durable when it returns, and so is the payload before it.
  Status write(std::string_view payload);

 private:
  Result<std::string> bytes() const;  // Empty where there is no file.
  std::vector<std::string> whole_slots(const std::string& bytes) const;
  rocksdb::Status open_file();

  const std::filesystem::path path_;
  const std::size_t payload_bytes_;
  std::unique_ptr<rocksdb::RandomRWFile> file_;
  std::size_t slot_ = 0;
};

}  // namespace kpi
