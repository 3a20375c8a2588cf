#include "engine/salvage/work_copy.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include <system_error>
#include <utility>
#include <vector>

#include "engine/rocks/file_list.h"
#include "engine/rocks/options.h"
#include "engine/salvage/family_tables.h"
#include "engine/salvage/log_replay.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;
constexpr auto kCut = rocksdb::WALRecoveryMode::kPointInTimeRecovery;

EngineOptions to_read(const fs::path& dir) {
  EngineOptions options;
  options.dir = dir;
  options.read_only = true;
  return options;
}

// RocksDB's lock is one of fcntl() on the file LOCK.
bool is_locked(const fs::path& dir) {
  const int file = ::open((dir / "LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool locked = ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return locked;
}

Error io_error(const std::string& doing, const std::error_code& error) {
  return {ErrorCode::kIo, "cannot " + doing + ": " + error.message(), {}, 0};
}

Status move_logs(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directory(to, error);
  std::vector<fs::path> logs;
  fs::directory_iterator it(from, error), end;
  for (; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".log") logs.push_back(it->path());
  }
  for (const fs::path& log : logs) {
    if (!error) fs::rename(log, to / log.filename(), error);
  }
  return error ? Status(io_error("move the logs to " + to.string(), error)) : ok_status();
}

}  // namespace

WorkCopy::WorkCopy(WorkCopy&& other) noexcept
    : work_(std::exchange(other.work_, {})),
      database_(std::move(other.database_)),
      opened_(other.opened_),
      reason_(std::move(other.reason_)) {}

WorkCopy::~WorkCopy() {
  database_.reset();
  std::error_code ignored;
  if (!work_.empty()) fs::remove_all(work_, ignored);
}

Result<WorkCopy> WorkCopy::open(const fs::path& dir, const fs::path& work) {
  std::error_code error;
  if (!fs::is_directory(dir, error)) {
    return Error{ErrorCode::kNotFound, dir.string() + " is not a directory", {}, 0};
  }
  if (is_locked(dir)) {
    return Error{ErrorCode::kBusy, "data directory " + dir.string() + " is open in another process",
                 "stop that process", 0};
  }
  if (!fs::create_directory(work, error)) {
    if (error) return io_error("create " + work.string(), error);
    return Error{ErrorCode::kInvalidArgument, work.string() + " exists",
                 "an interrupted run left it: remove it, unless one is under way", 0};
  }
  WorkCopy copy(work);
  if (Status copied = copy.link_and_copy(dir); !copied.ok()) return copied.error();
  if (Status opened = copy.open_somehow(); !opened.ok()) return opened.error();
  return copy;
}

Status WorkCopy::link_and_copy(const fs::path& dir) {
  std::error_code error;
  const fs::path absolute = fs::absolute(dir, error);
  bool any = false;
  fs::directory_iterator it(absolute, error), end;
  for (; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (it->path().extension() == ".sst") {
      fs::create_symlink(it->path(), work_ / name, error);
      any = true;
    } else if (it->path().extension() == ".log" || name.compare(0, 9, "MANIFEST-") == 0 ||
               name == "CURRENT" || name == "IDENTITY" || name == "LISTMARK") {
      fs::copy_file(it->path(), work_ / name, error);
      any = any || it->path().extension() == ".log";
    }
    if (error) return io_error("copy " + it->path().string(), error);
  }
  if (error) return io_error("read " + dir.string(), error);
  if (any) return ok_status();
  return Error{ErrorCode::kNotFound, dir.string() + " holds no store", {}, 0};
}

Status WorkCopy::open_somehow() {
  using rocksdb::WALRecoveryMode;
  const EngineOptions options = to_read(work_);
  const auto strict = WALRecoveryMode::kTolerateCorruptedTailRecords;
  // What RocksDB would open lacks tables then.
  if (Status listed = check_file_list(work_); !listed.ok()) {
    reason_ = listed.error().message;
    return rebuild(options);
  }
  Result<std::unique_ptr<Database>> whole = Database::open_as_is(options, strict);
  if (whole.ok()) {
    database_ = std::move(whole).value();
    return ok_status();
  }
  reason_ = whole.error().message;
  Result<std::unique_ptr<Database>> prefix = Database::open_as_is(options, kCut);
  if (prefix.ok()) {
    opened_ = SalvageReport::Opened::kLogCut;
    database_ = std::move(prefix).value();
    return ok_status();
  }
  return rebuild(options);
}

// RocksDB's repair would make a table of each log, whatever of it tables have already: what is
// there twice counts twice, or does not open. So it sees none.
Status WorkCopy::rebuild(const EngineOptions& options) {
  opened_ = SalvageReport::Opened::kListRebuilt;
  const fs::path logs = work_ / "logs";
  if (Status moved = move_logs(work_, logs); !moved.ok()) return moved;
  Status known = add_family_tables(work_, work_ / "families");
  if (!known.ok()) return known;
  auto families = family_descriptors(options);
  for (auto& family : families) family.options.force_consistency_checks = false;
  const rocksdb::Status repaired =
      rocksdb::RepairDB(work_.string(), database_options(options, [](const Error&) {}), families);
  if (!repaired.ok()) return to_error(repaired, "rebuild the list of files");
  EngineOptions to_write = options;  // Families that have lost all of their tables come back.
  to_write.read_only = false;
  Result<std::unique_ptr<Database>> rebuilt = Database::open_as_is(to_write, kCut);
  if (!rebuilt.ok()) return rebuilt.error();
  database_ = std::move(rebuilt).value();
  return replay_logs(logs, *database_);
}

}  // namespace kpi
