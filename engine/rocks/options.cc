#include "engine/rocks/options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "engine/cell/merge_operator.h"
#include "engine/rocks/storage_env.h"
#include "engine/schedule/stepper.h"
#include "kpi/canary.h"

namespace kpi {
namespace {

constexpr rlim_t kOpenTablesMin = 32, kOpenTablesMax = 1024;
constexpr rlim_t kOpenTablesShare = 4;
// Every open reads it; then a new one is begun, of about 250 bytes a table.
constexpr std::uint64_t kFileListBytesMax = 64U << 20;

// Running out of file descriptors would end the store: a part of what the process may have.
int open_tables_max() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return static_cast<int>(kOpenTablesMin);
  return static_cast<int>(
      std::clamp(limit.rlim_cur / kOpenTablesShare, kOpenTablesMin, kOpenTablesMax));
}

// RocksDB's own log goes to ours: with its LOG file on a full data disk it aborts the process.
class LogForwarder final : public rocksdb::Logger {
 public:
  explicit LogForwarder(std::function<void(EngineOptions::LogLevel, std::string_view)> log)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), log_(std::move(log)) {}

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
  }
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (!log_ || level < GetInfoLogLevel()) return;
    char line[1024];
    std::vsnprintf(line, sizeof line, format, arguments);
    log_(level >= rocksdb::InfoLogLevel::ERROR_LEVEL ? EngineOptions::LogLevel::kError
                                                     : EngineOptions::LogLevel::kWarning,
         line);
  }

 private:
  std::function<void(EngineOptions::LogLevel, std::string_view)> log_;
};

// Turns the first background error into fail-stop: a writer that retries into RocksDB's own
// recovery can abort or hang it.
class FailStopListener final : public rocksdb::EventListener {
 public:
  explicit FailStopListener(std::function<void(const Error&)> on_error)
      : on_error_(std::move(on_error)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    on_error_(to_error(*status, "go on writing"));
  }
  // Earlier than that: a compaction that cannot make its first file fails an assertion of RocksDB
  // before it reports the error. What was answered is safe, and whoever is told can say so.
  void OnTableFileCreated(const rocksdb::TableFileCreationInfo& info) override {
    if (info.status.IsIOError()) on_error_(to_error(info.status, "write " + info.file_path));
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }

 private:
  std::function<void(const Error&)> on_error_;
};

rocksdb::ColumnFamilyOptions family_options(const EngineOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16U << 10;
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // Chunks and cells are entropy-coded: compression gains under 3 % and costs CPU.
  family.compression = rocksdb::kNoCompression;
  family.write_buffer_size = options.write_buffer_bytes;
  family.level_compaction_dynamic_level_bytes = true;
  family.paranoid_file_checks = true;  // Every written file is read back and compared.
  return family;
}

}  // namespace

std::shared_ptr<rocksdb::Logger> quiet_log() { return std::make_shared<LogForwarder>(nullptr); }

rocksdb::DBOptions database_options(const EngineOptions& options,
                                    std::function<void(const Error&)> on_error) {
  rocksdb::DBOptions db;
  db.env = storage_env();
  db.create_if_missing = options.create_if_missing;
  db.create_missing_column_families = true;
  if (!canary("default-info-log")) db.info_log = std::make_shared<LogForwarder>(options.log);
  db.listeners.push_back(std::make_shared<FailStopListener>(std::move(on_error)));
  db.max_bgerror_resume_count = 0;  // Auto-resume hangs Close.
  // The default mode drops acknowledged records in silence when a bit in the middle has flipped.
  db.wal_recovery_mode = canary("point-in-time-recovery")
                             ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                             : rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.track_and_verify_wals_in_manifest = true;
  db.recycle_log_file_num = 0;
  db.wal_bytes_per_sync = 0;
  // Seals flush every family; this is a backstop that must not fire between two of them.
  db.max_total_wal_size = 4 * options.journal_bytes_max + (64U << 20);
  db.max_manifest_file_size = kFileListBytesMax;
  db.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  db.avoid_flush_during_recovery = true;
  db.max_background_jobs = 2;
  // A reader opens every table at once: a writer beside it may drop them at any time.
  db.max_open_files = options.read_only ? -1 : open_tables_max();
  if (stepper() != nullptr) {  // No thread but the caller's.
    db.max_file_opening_threads = 1;
    db.stats_dump_period_sec = 0;
    db.stats_persist_period_sec = 0;
  }
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(const EngineOptions& options) {
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  const rocksdb::ColumnFamilyOptions plain = family_options(options, cache);
  // Room for the whole journal, so that it is deleted before it would ever be written out.
  rocksdb::ColumnFamilyOptions journal = plain;
  journal.write_buffer_size = options.journal_bytes_max + options.journal_bytes_max / 2;
  rocksdb::ColumnFamilyOptions cells = plain;
  cells.merge_operator = make_cell_merge_operator();
  // Text, and the only values that are.
  rocksdb::ColumnFamilyOptions documents = plain;
  documents.compression = rocksdb::kZSTD;
  return {{rocksdb::kDefaultColumnFamilyName, plain},
          {"names", plain},
          {"journal", journal},
          {"raw", plain},
          {"cells", cells},
          {"meta", plain},
          {kDocumentsFamily, documents},
          {kSeenFamily, plain}};
}

}  // namespace kpi
