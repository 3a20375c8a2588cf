#include "engine/rocks/database.h"

#include <rocksdb/metadata.h>

#include "engine/rocks/directory.h"
#include "engine/rocks/file_list.h"
#include "engine/rocks/options.h"
#include "engine/schedule/stepper.h"
#include "kpi/canary.h"

namespace kpi {
namespace {

ErrorCode code_of(const rocksdb::Status& status) {
  if (status.IsCorruption()) return ErrorCode::kCorruption;
  if (status.IsNotFound()) return ErrorCode::kNotFound;
  if (status.IsShutdownInProgress()) return ErrorCode::kUnavailable;
  return ErrorCode::kIo;
}

// How often opening to read starts over because a writer beside it dropped files meanwhile.
constexpr int kReadAttemptsMax = 50;

bool is_locked(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() && (text.find("While lock file") != std::string::npos ||
                                text.find("lock hold by current process") != std::string::npos);
}

Error open_error(const rocksdb::Status& status, const std::string& dir) {
  if (is_locked(status)) {
    return {ErrorCode::kBusy, "data directory " + dir + " is open in another process",
            "stop that process, or read with a read-only client", 0};
  }
  return to_error(status, "open " + dir);
}

// Readers of an older store find fewer.
std::vector<rocksdb::ColumnFamilyDescriptor> families_of(const EngineOptions& options) {
  auto families = family_descriptors(options);
  if (!options.read_only) return families;
  for (std::size_t missing = families_missing(options.dir); missing > 0; --missing) {
    families.pop_back();
  }
  return families;
}

}  // namespace

Error to_error(const rocksdb::Status& status, std::string_view doing) {
  return {code_of(status), "cannot " + std::string(doing) + ": " + status.ToString(), {}, 0};
}

Result<std::unique_ptr<Database>> Database::open(const EngineOptions& options,
                                                 std::function<void(const Error&)> on_error) {
  if (Status ready = prepare_directory(options); !ready.ok()) return ready.error();
  return options.read_only ? open_beside_writer(options, on_error) : open_once(options, on_error);
}

// A writer in another process may drop files between our reading of their list and of them: an
// error is believed once the list has stood still, and an opened store once no log has gone.
Result<std::unique_ptr<Database>> Database::open_beside_writer(
    const EngineOptions& options, const std::function<void(const Error&)>& on_error) {
  for (int attempt = 1; attempt <= kReadAttemptsMax; ++attempt) {
    const DirectoryState before = directory_state(options.dir);
    Result<std::unique_ptr<Database>> database = open_once(options, on_error);
    const DirectoryState after = directory_state(options.dir);
    if (database.ok() ? after.keeps_logs_of(before) : after.file_list == before.file_list) {
      return database;
    }
  }
  return Error{ErrorCode::kBusy,
               "data directory " + options.dir.string() + " is being rewritten by another process",
               "try again", 0};
}

Result<std::unique_ptr<Database>> Database::open_once(
    const EngineOptions& options, const std::function<void(const Error&)>& on_error) {
  Status whole = canary("file-list-not-checked") ? ok_status() : check_file_list(options.dir);
  if (!whole.ok()) return whole.error();
  if (Status ours = check_directory(options); !ours.ok()) return ours.error();
  if (!options.read_only) {
    if (Status synced = sync_logs(options.dir); !synced.ok()) return synced.error();
  }
  const rocksdb::DBOptions db_options = database_options(options, on_error);
  Result<std::unique_ptr<Database>> opened =
      open_families(options, db_options, families_of(options));
  if (!opened.ok()) return opened;
  opened.value()->write_options_.sync =
      options.durability == Durability::kFsync && !canary("answer-before-sync");
  opened.value()->write_options_.protection_bytes_per_key = 8;
  if (options.read_only) return opened;
  opened.value()->file_list_mark_ = std::make_unique<FileListMark>(options.dir);
  if (Status marked = opened.value()->mark_file_list(); !marked.ok()) return marked.error();
  return opened;
}

Result<std::unique_ptr<Database>> Database::open_as_is(const EngineOptions& options,
                                                       rocksdb::WALRecoveryMode recovery) {
  rocksdb::DBOptions db_options = database_options(options, [](const Error&) {});
  db_options.wal_recovery_mode = recovery;
  auto families = families_of(options);
  // A list made anew orders tables as well as it can.
  for (auto& family : families) family.options.force_consistency_checks = false;
  return open_families(options, db_options, families);
}

Result<std::unique_ptr<Database>> Database::open_families(
    const EngineOptions& options, const rocksdb::DBOptions& db_options,
    const std::vector<rocksdb::ColumnFamilyDescriptor>& families) {
  const std::string dir = options.dir.string();
  std::unique_ptr<Database> database(new Database);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(db_options, dir, families, &database->families_, &db)
          : rocksdb::DB::Open(db_options, dir, families, &database->families_, &db);
  if (!status.ok()) return open_error(status, dir);
  database->db_.reset(db);
  return database;
}

Database::~Database() { (void)close(false); }

Result<std::string> Database::meta(std::string_view key, const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status =
      db_->Get(options, family(Family::kMeta), rocksdb::Slice(key.data(), key.size()), &value);
  if (status.IsNotFound()) return std::string();
  if (!status.ok()) return to_error(status, "read " + std::string(key));
  return value;
}

Status Database::flush(bool wait) {
  rocksdb::FlushOptions options;
  Stepper* const simulation = stepper();
  options.wait = wait && simulation == nullptr;
  // Nothing may wait there for what only it could do; a second memory table would stall writes.
  if (simulation != nullptr) simulation->step(Work::kStorage);
  options.allow_write_stall = true;  // Returning beats waiting: the next seal flushes again.
  for (rocksdb::ColumnFamilyHandle* const family : families_) {
    const rocksdb::Status status = db_->Flush(options, family);
    if (!status.ok() && !status.IsTryAgain()) return to_error(status, "flush");
  }
  if (wait && simulation != nullptr) simulation->step(Work::kStorage);
  return ok_status();
}

std::uint64_t Database::disk_bytes() const {
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->GetLiveFilesMetaData(&files);
  std::uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.size;
  return bytes;
}

std::uint64_t Database::disk_bytes(Family family) const {
  rocksdb::ColumnFamilyMetaData metadata;
  db_->GetColumnFamilyMetaData(this->family(family), &metadata);
  return metadata.size;
}

Status Database::mark_file_list() {
  return file_list_mark_ ? file_list_mark_->update(*db_) : ok_status();
}

Status Database::close(bool sync) {
  if (closed_ || !db_) return ok_status();
  closed_ = true;
  rocksdb::Status status = sync ? db_->SyncWAL() : rocksdb::Status::OK();
  const Status marked = sync && status.ok() ? mark_file_list() : ok_status();
  for (rocksdb::ColumnFamilyHandle* handle : families_) {
    (void)db_->DestroyColumnFamilyHandle(handle);
  }
  families_.clear();
  const rocksdb::Status closed = db_->Close();
  if (status.ok()) status = closed;
  db_.reset();
  return status.ok() ? marked : Status(to_error(status, "close"));
}

}  // namespace kpi
