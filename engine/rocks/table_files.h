// The table files of a database, and reading one against the checksum that the list of files has
// of it, as slowly as the caller likes.
#pragma once
#include <rocksdb/file_checksum.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/rocks/database.h"
#include "kpi/result.h"

namespace kpi {

struct TableFile {
  std::string name, family;
  std::filesystem::path path;
  std::uint64_t bytes = 0;
  std::string checksum;  // As rocksdb::FileChecksumGenerator has it; empty: unknown.
};

// Of the newest version, by name.
std::vector<TableFile> table_files(const Database& database);

// Not thread-safe.
class TableCheck {
 public:
  // kNotFound: there is no such file (any more). kIo.
  static Result<TableCheck> open(const TableFile& file);
  ~TableCheck();
  TableCheck(TableCheck&& other) noexcept;
  TableCheck& operator=(TableCheck&&) = delete;

  // Reads up to `bytes` more. False: all was read, and fits. kCorruption names the file.
  Result<bool> step(std::size_t bytes);
  std::uint64_t bytes_read() const { return read_; }

 private:
  TableCheck(TableFile file, int descriptor);
  TableFile file_;
  int descriptor_;
  std::uint64_t read_ = 0;
  std::string buffer_;
  std::unique_ptr<rocksdb::FileChecksumGenerator> generator_;
};

// The whole file at once.
Status check_table(const TableFile& file);

}  // namespace kpi
