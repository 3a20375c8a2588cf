#include "engine/rocks/directory.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "engine/rocks/options.h"
#include "engine/rocks/storage_env.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;

// Or else a power cut could take the whole directory with what was acknowledged in it.
Status sync_directory(const fs::path& dir) {
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status status = storage_env()->NewDirectory(dir.string(), &directory);
  if (status.ok()) status = directory->Fsync();
  return status.ok() ? ok_status() : Status(to_error(status, "sync " + dir.string()));
}

std::string read_text(const fs::path& path) {
  std::string text;
  if (!rocksdb::ReadFileToString(storage_env(), path.string(), &text).ok()) text.clear();
  return text;
}

Error not_ours(const fs::path& dir, const std::string& why) {
  return {ErrorCode::kCorruption, "data directory " + dir.string() + " " + why,
          "is this a directory of this store? nothing was changed", 0};
}

// Creating a database where one has lost its list of files would delete its tables.
Status check_without_list(const fs::path& dir) {
  std::vector<std::string> names;
  const rocksdb::Status listed = storage_env()->GetChildren(dir.string(), &names);
  if (!listed.ok() && !is_missing(listed)) return to_error(listed, "open " + dir.string());
  for (const fs::path file : names) {
    if (file == "WATERMARK" || file == "LISTMARK" || file.extension() == ".sst" ||
        file.extension() == ".log") {
      return not_ours(dir, "has " + file.string() + " but no file CURRENT");
    }
  }
  return ok_status();
}

// Without events in it, a database with too few families is ours, cut short while it was made.
Result<bool> has_events(const fs::path& dir) {
  rocksdb::Options options;
  options.env = storage_env();
  options.info_log = quiet_log();
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, dir.string(), &opened);
  const std::unique_ptr<rocksdb::DB> db(opened);
  if (!status.ok()) return to_error(status, "open " + dir.string());
  return db->GetLatestSequenceNumber() != 0;
}

rocksdb::Status list_families(const fs::path& dir, std::vector<std::string>* found) {
  rocksdb::DBOptions quiet;
  quiet.env = storage_env();
  quiet.info_log = quiet_log();
  return rocksdb::DB::ListColumnFamilies(quiet, dir.string(), found);
}

Status check_families(const EngineOptions& options) {
  std::vector<std::string> found;
  const rocksdb::Status listed = list_families(options.dir, &found);
  if (!listed.ok()) return to_error(listed, "open " + options.dir.string());
  std::size_t missing = 0;
  for (const auto& family : family_descriptors(options)) {
    const auto at = std::find(found.begin(), found.end(), family.name);
    if (at != found.end())
      found.erase(at);
    else if (family.name != kDocumentsFamily && family.name != kSeenFamily)
      ++missing;
  }
  if (missing == 0 && found.empty()) return ok_status();
  if (missing == 0) {
    return Error{ErrorCode::kUnsupported,
                 "data directory " + options.dir.string() + " has the unknown column family '" +
                     found.front() + "'",
                 "use a newer program", 0};
  }
  Result<bool> events = has_events(options.dir);
  if (!events.ok()) return events.error();
  if (!found.empty() || events.value()) {
    return not_ours(options.dir, "holds another program's database");
  }
  return ok_status();
}

}  // namespace

// Unless it is made here, a missing parent would show up as an error about a file deep inside.
Status prepare_directory(const EngineOptions& options) {
  const std::string dir = options.dir.string();
  bool is_directory = false;
  if (storage_env()->IsDirectory(dir, &is_directory).ok()) {
    if (is_directory) return ok_status();
    return Error{
        ErrorCode::kInvalidArgument, "data directory " + dir + " is not a directory", {}, 0};
  }
  if (!options.create_if_missing || options.read_only) {
    return Error{ErrorCode::kIo, "data directory " + dir + " does not exist", {}, 0};
  }
  if (const rocksdb::Status made = storage_env()->CreateDir(dir); !made.ok()) {
    return to_error(made, "create data directory " + dir);
  }
  std::error_code ignored;
  const fs::path absolute = fs::absolute(options.dir, ignored).lexically_normal();
  return sync_directory(absolute.has_filename() ? absolute.parent_path()
                                                : absolute.parent_path().parent_path());
}

Status check_directory(const EngineOptions& options) {
  const std::string list = (options.dir / "CURRENT").string();
  const rocksdb::Status exists = storage_env()->FileExists(list);
  if (exists.ok()) return check_families(options);
  if (!is_missing(exists)) return to_error(exists, "open " + options.dir.string());
  if (Status lost = check_without_list(options.dir); !lost.ok()) return lost;
  if (!options.read_only) return ok_status();
  return Error{ErrorCode::kIo, "data directory " + options.dir.string() + " holds no store", {}, 0};
}

Status sync_logs(const fs::path& dir) {
  std::vector<std::string> names;
  (void)storage_env()->GetChildren(dir.string(), &names);
  for (const fs::path name : names) {
    if (name.extension() != ".log") continue;
    const std::string path = (dir / name).string();
    std::unique_ptr<rocksdb::RandomRWFile> file;
    rocksdb::Status status = storage_env()->NewRandomRWFile(path, &file, {});
    if (status.ok()) status = file->Sync();
    if (!status.ok()) return to_error(status, "sync " + path);
  }
  return ok_status();
}

std::size_t families_missing(const fs::path& dir) {
  std::vector<std::string> found;
  if (!list_families(dir, &found).ok()) return 2;
  const auto has = [&](const char* name) {
    return std::find(found.begin(), found.end(), name) != found.end();
  };
  if (!has(kDocumentsFamily)) return 2;
  return has(kSeenFamily) ? 0 : 1;
}

bool DirectoryState::keeps_logs_of(const DirectoryState& before) const {
  return std::includes(logs.begin(), logs.end(), before.logs.begin(), before.logs.end());
}

DirectoryState directory_state(const fs::path& dir) {
  DirectoryState state;
  std::string current = read_text(dir / "CURRENT");
  while (!current.empty() && current.back() == '\n') current.pop_back();
  std::uint64_t size = 0;
  (void)storage_env()->GetFileSize((dir / current).string(), &size);
  state.file_list = current + ' ' + std::to_string(size);
  std::vector<std::string> names;
  (void)storage_env()->GetChildren(dir.string(), &names);
  for (const std::string& name : names) {
    if (fs::path(name).extension() == ".log") state.logs.insert(name);
  }
  return state;
}

}  // namespace kpi
