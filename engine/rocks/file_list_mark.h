// How far RocksDB's list of files is known to be on disk, in a file of our own: the number of the
// MANIFEST, how many of its first bytes, and their XXH3. It only grows under its name, so those
// must stay what they were; a list that does not fit has lost tables, which RocksDB may not notice.
#pragma once
#include <rocksdb/db.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/rocks/slot_file.h"
#include "kpi/result.h"

struct XXH3_state_s;

namespace kpi {

struct FileListState {
  std::uint64_t number = 0;  // Of the MANIFEST; later ones have higher numbers. 0: none is known.
  std::uint64_t bytes = 0;   // So many of it are on disk.
  std::uint64_t hash = 0;    // XXH3 of these.
};

// Of "MANIFEST-000012", with or without a "/" before it: 12; 0: it is none.
std::uint64_t file_list_number(std::string_view name);

class FileListMark {
 public:
  // `dir`: of the store.
  explicit FileListMark(const std::filesystem::path& dir);

  // The latest that was written whole; number 0: none. kIo.
  Result<FileListState> read() const;
  // Durable when it returns. Writes and reads nothing while the list stays as it is, else reads
  // what it has grown by. Thread-safe.
  Status update(rocksdb::DB& db);

 private:
  struct FreeHash {
    void operator()(XXH3_state_s* state) const;
  };
  bool stands_still() const;
  rocksdb::Status hash_up_to(std::uint64_t number, std::uint64_t bytes);
  std::string path_of(std::uint64_t number) const;

  const std::filesystem::path dir_;
  std::mutex mutex_;  // Guards all below.
  SlotFile slots_;
  FileListState hashed_, written_;
  std::unique_ptr<XXH3_state_s, FreeHash> hash_;
};

}  // namespace kpi
