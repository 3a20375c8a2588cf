// The RocksDB database of a data directory: the only place that opens one. Column families, the
// settings that were measured to be safe, Status -> Error. Thread-safe once open.
#pragma once
#include <rocksdb/db.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rocks/file_list_mark.h"
#include "kpi/engine.h"
#include "kpi/result.h"

namespace kpi {

enum class Family : std::size_t {
  kDefault,
  kNames,
  kJournal,
  kRaw,
  kCells,
  kMeta,
  kDocuments,
  kSeen
};

// `doing` completes "cannot ...".
Error to_error(const rocksdb::Status& status, std::string_view doing);

class Database {
 public:
  // `on_error` is told about background errors, from RocksDB's threads.
  // kBusy, kCorruption, kIo as Engine::open has them.
  static Result<std::unique_ptr<Database>> open(const EngineOptions& options,
                                                std::function<void(const Error&)> on_error);
  // To read, with another way to take damage in the log, whatever the directory is taken for.
  static Result<std::unique_ptr<Database>> open_as_is(const EngineOptions& options,
                                                      rocksdb::WALRecoveryMode recovery);
  ~Database();

  rocksdb::DB& db() const { return *db_; }
  // nullptr, in an older store that was opened to read: kSeen, and kDocuments of the oldest.
  rocksdb::ColumnFamilyHandle* family(Family family) const {
    const auto index = static_cast<std::size_t>(family);
    return index < families_.size() ? families_[index] : nullptr;
  }
  // The options of every foreground write.
  const rocksdb::WriteOptions& write_options() const { return write_options_; }
  // The value at `key` in `meta`, or nothing.
  Result<std::string> meta(std::string_view key, const rocksdb::Snapshot* snapshot) const;

  // Writes the memory tables of all families out, so that old logs can go: one left out would keep
  // every log since its last flush. Unless it is to wait, starts to.
  Status flush(bool wait);
  // Of all live files.
  std::uint64_t disk_bytes() const;
  std::uint64_t disk_bytes(Family family) const;
  // Keeps how far the list of files is on disk, for the next open to compare; at most seconds after
  // it has grown. Thread-safe.
  Status mark_file_list();
  // Idempotent. `sync` makes the log durable first; after a write error pass false.
  Status close(bool sync);

 private:
  Database() = default;
  static Result<std::unique_ptr<Database>> open_beside_writer(
      const EngineOptions& options, const std::function<void(const Error&)>& on_error);
  static Result<std::unique_ptr<Database>> open_families(
      const EngineOptions& options, const rocksdb::DBOptions& db_options,
      const std::vector<rocksdb::ColumnFamilyDescriptor>& families);
  static Result<std::unique_ptr<Database>> open_once(
      const EngineOptions& options, const std::function<void(const Error&)>& on_error);
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  rocksdb::WriteOptions write_options_;
  std::unique_ptr<FileListMark> file_list_mark_;  // Unless opened to read.
  bool closed_ = false;
};

}  // namespace kpi
