#include "engine/erase/replace.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace kpi {
namespace {

namespace fs = std::filesystem;

Error io_error(const char* doing, const fs::path& path, int error) {
  return {ErrorCode::kIo,
          std::string("cannot ") + doing + ' ' + path.string() + ": " + std::strerror(error)};
}

// Renames are on disk once their directory is.
Status sync_directory(const fs::path& dir) {
  const int file = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  return synced ? ok_status() : Status(io_error("sync", dir, error));
}

// Run by root, the store stays its user's.
Status give_to_owner(const fs::path& path, const struct stat& owner) {
  if (::geteuid() != 0) return ok_status();
  if (::chown(path.c_str(), owner.st_uid, owner.st_gid) == 0) return ok_status();
  return io_error("give away", path, errno);
}

Status give_all(const fs::path& from, const fs::path& to) {
  struct stat owner {};
  if (::stat(from.c_str(), &owner) != 0) return io_error("look at", from, errno);
  if (::chmod(to.c_str(), owner.st_mode & 07777) != 0) return io_error("set mode of", to, errno);
  if (Status given = give_to_owner(to, owner); !given.ok()) return given;
  std::error_code error;
  fs::directory_iterator it(to, error);
  for (const fs::directory_iterator end; !error && it != end; it.increment(error)) {
    if (Status given = give_to_owner(it->path(), owner); !given.ok()) return given;
  }
  return error ? Status(io_error("read", to, error.value())) : ok_status();
}

fs::path without_slash(const fs::path& dir) {
  const fs::path absolute = fs::absolute(dir).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

}  // namespace

fs::path place_of_new(const fs::path& dir) { return without_slash(dir).string() + ".erasing"; }

Status remove_new(const fs::path& dir) {
  std::error_code error;
  fs::remove_all(place_of_new(dir), error);
  return error ? Status(io_error("remove", place_of_new(dir), error.value())) : ok_status();
}

Status replace_by_new(const fs::path& dir) {
  const fs::path old_store = without_slash(dir), new_store = place_of_new(dir);
  if (Status given = give_all(old_store, new_store); !given.ok()) return given;
  if (Status synced = sync_directory(new_store); !synced.ok()) return synced;
  if (::renameat2(AT_FDCWD, new_store.c_str(), AT_FDCWD, old_store.c_str(), RENAME_EXCHANGE) != 0) {
    return io_error("put the new store in the place of", old_store, errno);
  }
  if (Status synced = sync_directory(old_store.parent_path()); !synced.ok()) return synced;
  if (Status removed = remove_new(dir); !removed.ok()) return removed;
  return sync_directory(old_store.parent_path());
}

}  // namespace kpi
