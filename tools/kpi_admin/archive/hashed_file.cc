#include "tools/kpi_admin/archive/hashed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace kpi::tools {
namespace {

constexpr std::size_t kReadBytes = 256U << 10;

Error io_error(const std::string& doing, const std::filesystem::path& path) {
  return {ErrorCode::kIo, "cannot " + doing + ' ' + path.string() + ": " + std::strerror(errno)};
}

// The rename is only as durable as the directory's entry.
Status sync_directory(const std::filesystem::path& dir) {
  const int fd = open(dir.empty() ? "." : dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return io_error("open", dir);
  const int synced = fsync(fd);
  close(fd);
  return synced == 0 ? ok_status() : Status(io_error("sync", dir));
}

}  // namespace

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

void Sha256::add(std::string_view bytes) {
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Sha256::finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_DigestFinal_ex(context_.get(), digest, &size);
  return hex({reinterpret_cast<const char*>(digest), size});
}

Result<std::string> sha256_of(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (!file) return io_error("open", path);
  Sha256 sha256;
  std::string buffer(kReadBytes, '\0');
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    sha256.add({buffer.data(), size});
  }
  if (std::ferror(file.get()) != 0) return io_error("read", path);
  return sha256.finish();
}

Result<HashedFile> HashedFile::create(const std::filesystem::path& path) {
  std::filesystem::path part = path;
  part += ".part";
  // An archive holds what the store does: for its owner alone.
  const int fd = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  std::FILE* file = fd < 0 ? nullptr : fdopen(fd, "wb");
  if (file == nullptr) return io_error("create", part);
  return HashedFile(path, part, file);
}

HashedFile::HashedFile(HashedFile&& other) noexcept
    : path_(std::move(other.path_)),
      part_(std::move(other.part_)),
      file_(std::exchange(other.file_, nullptr)),
      sha256_(std::move(other.sha256_)),
      bytes_(other.bytes_) {}

HashedFile::~HashedFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
}

Error HashedFile::failed(const char* doing) const { return io_error(doing, part_); }

Status HashedFile::append(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return failed("write");
  sha256_.add(bytes);
  bytes_ += bytes.size();
  return ok_status();
}

Result<HashedFile::Written> HashedFile::finish() {
  if (std::fflush(file_) != 0 || fsync(fileno(file_)) != 0) return failed("write");
  if (std::fclose(std::exchange(file_, nullptr)) != 0) return failed("close");
  if (std::rename(part_.c_str(), path_.c_str()) != 0) return failed("rename");
  if (Status synced = sync_directory(path_.parent_path()); !synced.ok()) return synced.error();
  return Written{bytes_, sha256_.finish()};
}

Result<LineReader> LineReader::open(const std::filesystem::path& path, std::uint64_t offset) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return io_error("open", path);
  LineReader reader(file, path.string(), offset);
  if (fseeko(file, static_cast<off_t>(offset), SEEK_SET) != 0) return io_error("read", path);
  return reader;
}

Result<bool> LineReader::next(std::string_view* line) {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      *line = std::string_view(buffer_).substr(begin_, end - begin_);
      offset_ += end + 1 - begin_;
      begin_ = end + 1;
      return true;
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    if (searched > kArchiveLineBytesMax) {
      return Error{ErrorCode::kCorruption,
                   name_ + ": a line of over " + std::to_string(kArchiveLineBytesMax) + " bytes"};
    }
    buffer_.resize(searched + kReadBytes);
    const std::size_t size = std::fread(buffer_.data() + searched, 1, kReadBytes, file_.get());
    buffer_.resize(searched + size);
    if (size > 0) continue;
    if (std::ferror(file_.get()) != 0) return io_error("read", name_);
    if (buffer_.empty()) return false;
    buffer_ += '\n';  // The last line of a file may lack its line feed.
  }
}

}  // namespace kpi::tools
