#include "engine/backup/new_directory.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "engine/backup/file_copy.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;

Error not_free(const fs::path& path) {
  return {ErrorCode::kInvalidArgument, path.string() + " exists and is not an empty directory",
          "nothing is ever overwritten: name another place", 0};
}

fs::path parent_of(const fs::path& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error).lexically_normal();
  return absolute.has_filename() ? absolute.parent_path() : absolute.parent_path().parent_path();
}

}  // namespace

Result<NewDirectory> NewDirectory::begin(const fs::path& given) {
  fs::path path = given.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  std::error_code error;
  if (fs::exists(fs::symlink_status(path, error)) &&
      !(fs::is_directory(path, error) && fs::is_empty(path, error))) {
    return not_free(path);
  }
  fs::path part = path;
  part += ".part";
  if (!fs::create_directory(part, error)) {
    if (error) {
      return Error{
          ErrorCode::kIo, "cannot create " + part.string() + ": " + error.message(), {}, 0};
    }
    return Error{ErrorCode::kInvalidArgument, part.string() + " exists",
                 "an interrupted run left it: remove it, unless one is under way", 0};
  }
  fs::permissions(part, fs::perms::owner_all, error);
  return NewDirectory(std::move(path), std::move(part));
}

NewDirectory::NewDirectory(NewDirectory&& other) noexcept
    : path_(std::move(other.path_)), part_(std::exchange(other.part_, {})) {}

NewDirectory::~NewDirectory() {
  std::error_code ignored;
  if (!part_.empty()) fs::remove_all(part_, ignored);
}

Status NewDirectory::finish() {
  if (Status synced = sync_directory(part_); !synced.ok()) return synced;
  if (std::rename(part_.c_str(), path_.c_str()) != 0) {  // An empty directory gives way.
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR) return not_free(path_);
    return Error{
        ErrorCode::kIo, "cannot rename " + part_.string() + ": " + std::strerror(errno), {}, 0};
  }
  part_.clear();
  return sync_directory(parent_of(path_));
}

}  // namespace kpi
