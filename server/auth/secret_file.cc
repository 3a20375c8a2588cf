#include "server/auth/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace kpi::auth {
namespace {

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Error failed(const SecretFile& file, const std::string& path, const char* step) {
  return {ErrorCode::kIo,
          std::string(file.kind) + " '" + path + "': " + step + ": " + std::strerror(errno)};
}

// The mode is that of the open file: nobody can swap it in between.
Status check_file(const SecretFile& secret, const struct stat& file) {
  const std::string name = std::string(secret.kind) + " '" + secret.path + "'";
  if (!S_ISREG(file.st_mode)) {
    return Error{ErrorCode::kPermissionDenied, name + " is no ordinary file"};
  }
  if ((file.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0) {
    return Error{ErrorCode::kPermissionDenied, name + " may be read or written by others",
                 "it holds secrets: chmod 0600, or 0640 with the server's group"};
  }
  if (file.st_size > static_cast<off_t>(secret.bytes_max)) {
    return Error{ErrorCode::kLimitExceeded,
                 name + " has more than " + std::to_string(secret.bytes_max) + " bytes"};
  }
  return ok_status();
}

bool write_all(int descriptor, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = ::write(descriptor, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    written += static_cast<std::size_t>(n);
  }
  return true;
}

Status write_new(const SecretFile& secret, const std::string& path, const std::string& temporary,
                 const std::string& text) {
  const File file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                         S_IRUSR | S_IWUSR));
  if (file.get() < 0) return failed(secret, temporary, "create");
  struct stat old;
  if (::stat(path.c_str(), &old) == 0) {
    if (::fchown(file.get(), old.st_uid, old.st_gid) != 0)
      return failed(secret, path, "keep its owner");
    if (::fchmod(file.get(), old.st_mode & 0777) != 0) return failed(secret, path, "keep its mode");
  }
  if (!write_all(file.get(), text)) return failed(secret, temporary, "write");
  if (::fsync(file.get()) != 0) return failed(secret, temporary, "fsync");
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed(secret, path, "rename");
  return ok_status();
}

}  // namespace

Result<std::string> read_secret_file(const SecretFile& secret) {
  const File file(::open(secret.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return failed(secret, secret.path, "open");
  struct stat status;
  if (::fstat(file.get(), &status) != 0) return failed(secret, secret.path, "stat");
  if (Status checked = check_file(secret, status); !checked.ok()) return std::move(checked).error();
  std::string text;
  char piece[16U << 10];
  while (text.size() <= secret.bytes_max) {
    const ssize_t n = ::read(file.get(), piece, sizeof(piece));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(secret, secret.path, "read");
    if (n == 0) break;
    text.append(piece, static_cast<std::size_t>(n));
  }
  return text;
}

Status write_secret_file(const SecretFile& secret, const std::string& text) {
  std::error_code ignored;
  // Through a symbolic link: the file is replaced, not the link.
  const auto resolved = std::filesystem::weakly_canonical(secret.path, ignored);
  const std::string target = ignored ? secret.path : resolved.string();
  const std::string temporary = target + ".new." + std::to_string(::getpid());
  Status status = write_new(secret, target, temporary, text);
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  const std::string parent = std::filesystem::path(target).parent_path().string();
  const File directory(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return failed(secret, parent, "fsync");
  return ok_status();
}

}  // namespace kpi::auth
