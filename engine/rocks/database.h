// The RocksDB database of a data directory: the only place that opens one. Column families, the
// settings that were measured to be safe, Status -> Error.
#pragma once
#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "kpi/engine.h"
#include "kpi/result.h"

namespace kpi {

enum class Family : std::size_t { kDefault, kNames, kJournal, kRaw, kCells, kMeta };
inline constexpr std::size_t kFamilies = 6;

Error to_error(const rocksdb::Status& status, std::string_view doing);

class Database {
 public:
  // `on_error` is told once about the first background error (fail-stop).
  static Result<std::unique_ptr<Database>> open(const EngineOptions& options,
                                                std::function<void(const Error&)> on_error);
  ~Database();

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(Family family) const {
    return families_[static_cast<std::size_t>(family)];
  }
  // Flushes memory tables without waiting, so that old logs can go.
  Status start_flush(std::initializer_list<Family> families);
  Status flush_all();
  std::uint64_t disk_bytes() const;
  // Idempotent. After an error that stopped writes, closing does not try to flush.
  Status close();

 private:
  Database() = default;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  bool read_only_ = false;
};

}  // namespace kpi
