#include "engine/rocks/table_files.h"

#include <fcntl.h>
#include <rocksdb/metadata.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace kpi {
namespace {

constexpr std::size_t kReadBytes = 1U << 20;

Error damaged(const TableFile& file, const std::string& how) {
  return {ErrorCode::kCorruption,
          "table " + file.path.string() + " of '" + file.family + "': " + how,
          "restore from a backup, or salvage", 0};
}

}  // namespace

std::vector<TableFile> table_files(const Database& database) {
  std::vector<rocksdb::LiveFileMetaData> live;
  database.db().GetLiveFilesMetaData(&live);
  std::vector<TableFile> files;
  for (const auto& file : live) {
    const auto path = std::filesystem::path(file.directory) / file.relative_filename;
    const bool known = file.file_checksum_func_name != rocksdb::kUnknownFileChecksumFuncName;
    files.push_back({file.relative_filename, file.column_family_name, path, file.size,
                     known ? file.file_checksum : std::string()});
  }
  std::sort(files.begin(), files.end(),
            [](const TableFile& a, const TableFile& b) { return a.name < b.name; });
  return files;
}

TableCheck::TableCheck(TableFile file, int descriptor)
    : file_(std::move(file)), descriptor_(descriptor) {
  const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  rocksdb::FileChecksumGenContext context;
  context.file_name = file_.name;
  generator_ = factory->CreateFileChecksumGenerator(context);
}

TableCheck::TableCheck(TableCheck&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      read_(other.read_),
      buffer_(std::move(other.buffer_)),
      generator_(std::move(other.generator_)) {}

TableCheck::~TableCheck() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<TableCheck> TableCheck::open(const TableFile& file) {
  const int descriptor = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return Error{
        code, "cannot open table " + file.path.string() + ": " + std::strerror(errno), {}, 0};
  }
  // What the disk has is asked for, not what is remembered of it.
  (void)::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  return TableCheck(file, descriptor);
}

Result<bool> TableCheck::step(std::size_t bytes) {
  buffer_.resize(bytes);
  const ssize_t got = ::read(descriptor_, buffer_.data(), buffer_.size());
  if (got < 0 && errno == EINTR) return true;
  if (got < 0) return damaged(file_, std::string("cannot be read: ") + std::strerror(errno));
  if (got > 0) {
    read_ += static_cast<std::uint64_t>(got);
    generator_->Update(buffer_.data(), static_cast<std::size_t>(got));
    return true;
  }
  if (read_ != file_.bytes) {
    return damaged(
        file_, "is " + std::to_string(read_) + " bytes long, not " + std::to_string(file_.bytes));
  }
  generator_->Finalize();
  if (!file_.checksum.empty() && generator_->GetChecksum() != file_.checksum) {
    return damaged(file_, "its bytes do not fit their checksum");
  }
  return false;
}

Status check_table(const TableFile& file) {
  Result<TableCheck> check = TableCheck::open(file);
  if (!check.ok()) return check.error();
  for (;;) {
    const Result<bool> more = check.value().step(kReadBytes);
    if (!more.ok()) return more.error();
    if (!more.value()) return ok_status();
  }
}

}  // namespace kpi
