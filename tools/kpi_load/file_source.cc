#include "tools/kpi_load/file_source.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kpi::load {
namespace {

class MappedFile {
 public:
  static Result<std::unique_ptr<MappedFile>> open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return failure(path);
    struct stat status = {};
    void* address = MAP_FAILED;
    const bool known = ::fstat(fd, &status) == 0;
    const auto size = static_cast<std::size_t>(status.st_size);
    if (known && size > 0) address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    const Error error = failure(path);
    ::close(fd);
    if (known && size == 0) {
      return Error{ErrorCode::kInvalidArgument, "'" + path + "' is empty"};
    }
    if (address == MAP_FAILED) return error;
    return std::unique_ptr<MappedFile>(new MappedFile(address, size));
  }
  ~MappedFile() { ::munmap(address_, size_); }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view text() const { return {static_cast<const char*>(address_), size_}; }

 private:
  MappedFile(void* address, std::size_t size) : address_(address), size_(size) {}
  static Error failure(const std::string& path) {
    return {ErrorCode::kIo, "cannot read '" + path + "': " + std::strerror(errno)};
  }
  void* address_;
  std::size_t size_;
};

class FileSource final : public RequestSource {
 public:
  FileSource(std::unique_ptr<MappedFile> file, std::uint32_t lines_per_request)
      : file_(std::move(file)),
        rest_(file_->text()),
        lines_per_request_(lines_per_request),
        total_(static_cast<std::uint64_t>(std::count(rest_.begin(), rest_.end(), '\n')) +
               (rest_.back() == '\n' ? 0 : 1)) {}

  std::optional<Request> next() override {
    if (rest_.empty()) return std::nullopt;
    Request request;
    request.events = 0;
    std::size_t end = 0;
    while (end < rest_.size() && request.events < lines_per_request_) {
      const auto newline = rest_.find('\n', end);
      end = newline == std::string_view::npos ? rest_.size() : newline + 1;
      ++request.events;
    }
    request.shared_body = rest_.substr(0, end);
    rest_.remove_prefix(end);
    request.head = request_head(request.form, false, "", request.body().size());
    return request;
  }
  std::uint64_t events_total() const override { return total_; }

 private:
  std::unique_ptr<MappedFile> file_;
  std::string_view rest_;
  const std::uint32_t lines_per_request_;
  const std::uint64_t total_;
};

}  // namespace

Result<std::unique_ptr<RequestSource>> make_file_source(const std::string& path,
                                                        std::uint32_t lines_per_request) {
  auto file = MappedFile::open(path);
  if (!file.ok()) return file.error();
  return std::unique_ptr<RequestSource>(
      std::make_unique<FileSource>(std::move(file).value(), lines_per_request));
}

}  // namespace kpi::load
