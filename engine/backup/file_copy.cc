#include "engine/backup/file_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace kpi {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20;

Error io_error(const char* doing, const std::filesystem::path& path) {
  const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return {code,
          std::string("cannot ") + doing + ' ' + path.string() + ": " + std::strerror(errno),
          {},
          0};
}

std::string to_hex(XXH128_hash_t hash) {
  constexpr char kDigits[] = "0123456789abcdef";
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  std::string hex;
  for (const unsigned char byte : canonical.digest) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

struct FreeHash {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

class Writer {
 public:
  ~Writer() {
    if (file_ >= 0) ::close(file_);
  }
  Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Status create(const std::filesystem::path& path) {
    path_ = path;
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    return file_ < 0 ? Status(io_error("create", path)) : ok_status();
  }
  Status append(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t wrote = ::write(file_, bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return io_error("write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return ok_status();
  }
  Status sync() { return ::fsync(file_) == 0 ? ok_status() : Status(io_error("sync", path_)); }

 private:
  std::filesystem::path path_;
  int file_ = -1;
};

// Hands the first `bytes` bytes to `take`, piece by piece; their hash.
template <class Take>
Result<std::string> read_all(const OpenFile& file, std::uint64_t bytes, const std::stop_token& stop,
                             Take take) {
  const std::unique_ptr<XXH3_state_t, FreeHash> hash(XXH3_createState());
  XXH3_128bits_reset(hash.get());
  std::string piece(kPieceBytes, '\0');
  for (std::uint64_t at = 0; at < bytes;) {
    if (stop.stop_requested()) return Error{ErrorCode::kCanceled, "interrupted", {}, 0};
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, bytes - at));
    const ssize_t got = ::pread(file.descriptor(), piece.data(), wanted, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error("read", file.path());
    if (got == 0) {
      return Error{ErrorCode::kCorruption,
                   file.path().string() + " ends after " + std::to_string(at) + " of " +
                       std::to_string(bytes) + " bytes",
                   {},
                   0};
    }
    const std::string_view read(piece.data(), static_cast<std::size_t>(got));
    XXH3_128bits_update(hash.get(), read.data(), read.size());
    if (Status taken = take(read); !taken.ok()) return taken.error();
    at += read.size();
  }
  return to_hex(XXH3_128bits_digest(hash.get()));
}

}  // namespace

std::string hash_of(std::string_view bytes) {
  return to_hex(XXH3_128bits(bytes.data(), bytes.size()));
}

Result<OpenFile> OpenFile::open(const std::filesystem::path& path) {
  OpenFile file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file.descriptor_ < 0) return io_error("open", path);
  return file;
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
OpenFile::OpenFile(OpenFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Result<std::uint64_t> OpenFile::size() const {
  struct stat found {};
  if (::fstat(descriptor_, &found) != 0) return io_error("look at", path_);
  return static_cast<std::uint64_t>(found.st_size);
}

Result<std::string> hash_of(const OpenFile& file, std::uint64_t bytes,
                            const std::stop_token& stop) {
  (void)::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_DONTNEED);
  return read_all(file, bytes, stop, [](std::string_view) { return ok_status(); });
}

Result<std::string> copy_file(const OpenFile& file, std::uint64_t bytes,
                              const std::filesystem::path& to, const std::stop_token& stop) {
  Writer writer;
  if (Status created = writer.create(to); !created.ok()) return created.error();
  Result<std::string> hash =
      read_all(file, bytes, stop, [&](std::string_view piece) { return writer.append(piece); });
  if (!hash.ok()) return hash;
  if (Status synced = writer.sync(); !synced.ok()) return synced.error();
  return hash;
}

Status write_file(const std::filesystem::path& to, std::string_view bytes) {
  Writer writer;
  if (Status created = writer.create(to); !created.ok()) return created;
  if (Status written = writer.append(bytes); !written.ok()) return written;
  return writer.sync();
}

Status sync_directory(const std::filesystem::path& dir) {
  const int file = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  Status status = synced ? ok_status() : Status(io_error("sync", dir));
  if (file >= 0) ::close(file);
  return status;
}

}  // namespace kpi
