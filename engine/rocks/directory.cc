#include "engine/rocks/directory.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "engine/rocks/options.h"
#include "engine/rocks/storage_env.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;

// Or else a power cut could take the whole directory with what was acknowledged in it.
Status sync_directory(const fs::path& dir) {
  const int file = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (synced) return ok_status();
  return Error{ErrorCode::kIo, "cannot sync " + dir.string() + ": " + std::strerror(error), {}, 0};
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> files_in(const fs::path& dir) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(dir, error), end; !error && it != end; it.increment(error)) {
    files.push_back(it->path());
  }
  return files;
}

Error not_ours(const fs::path& dir, const std::string& why) {
  return {ErrorCode::kCorruption, "data directory " + dir.string() + " " + why,
          "is this a directory of this store? nothing was changed", 0};
}

// Creating a database where one has lost its list of files would delete its tables.
Status check_without_list(const fs::path& dir) {
  for (const fs::path& file : files_in(dir)) {
    if (file.filename() == "WATERMARK" || file.extension() == ".sst" ||
        file.extension() == ".log") {
      return not_ours(dir, "has " + file.filename().string() + " but no file CURRENT");
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
  std::error_code error;
  if (fs::is_directory(options.dir, error)) return ok_status();
  const std::string dir = options.dir.string();
  if (fs::exists(options.dir, error)) {
    return Error{ErrorCode::kIo, "data directory " + dir + " is not a directory", {}, 0};
  }
  if (!options.create_if_missing || options.read_only) {
    return Error{ErrorCode::kIo, "data directory " + dir + " does not exist", {}, 0};
  }
  fs::create_directory(options.dir, error);
  if (error) {
    return Error{
        ErrorCode::kIo, "cannot create data directory " + dir + ": " + error.message(), {}, 0};
  }
  const fs::path absolute = fs::absolute(options.dir, error).lexically_normal();
  return sync_directory(absolute.has_filename() ? absolute.parent_path()
                                                : absolute.parent_path().parent_path());
}

Status check_directory(const EngineOptions& options) {
  std::error_code error;
  if (fs::exists(options.dir / "CURRENT", error)) return check_families(options);
  if (Status lost = check_without_list(options.dir); !lost.ok()) return lost;
  if (!options.read_only) return ok_status();
  return Error{ErrorCode::kIo, "data directory " + options.dir.string() + " holds no store", {}, 0};
}

bool has_documents(const fs::path& dir) {
  std::vector<std::string> found;
  return list_families(dir, &found).ok() &&
         std::find(found.begin(), found.end(), kDocumentsFamily) != found.end();
}

bool DirectoryState::keeps_logs_of(const DirectoryState& before) const {
  return std::includes(logs.begin(), logs.end(), before.logs.begin(), before.logs.end());
}

DirectoryState directory_state(const fs::path& dir) {
  DirectoryState state;
  std::string current = read_text(dir / "CURRENT");
  while (!current.empty() && current.back() == '\n') current.pop_back();
  std::error_code error;
  state.file_list = current + ' ' + std::to_string(fs::file_size(dir / current, error));
  for (const fs::path& file : files_in(dir)) {
    if (file.extension() == ".log") state.logs.insert(file.filename().string());
  }
  return state;
}

}  // namespace kpi
