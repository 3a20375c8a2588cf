#include "engine/rocks/file_list_mark.h"

#include <rocksdb/env.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <tuple>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/rocks/database.h"
#include "engine/rocks/storage_env.h"

namespace kpi {
namespace {

constexpr std::string_view kPrefix = "MANIFEST-";
constexpr std::size_t kPayloadBytes = 3 * sizeof(std::uint64_t), kReadBytes = 1U << 20;

}  // namespace

std::uint64_t file_list_number(std::string_view name) {
  if (!name.empty() && name.front() == '/') name.remove_prefix(1);
  if (name.substr(0, kPrefix.size()) != kPrefix) return 0;
  name.remove_prefix(kPrefix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

void FileListMark::FreeHash::operator()(XXH3_state_s* state) const { (void)XXH3_freeState(state); }

FileListMark::FileListMark(const std::filesystem::path& dir)
    : dir_(dir), slots_(dir / "LISTMARK", kPayloadBytes) {}

Result<FileListState> FileListMark::read() const {
  const Result<std::vector<std::string>> slots = slots_.read();
  if (!slots.ok()) return slots.error();
  FileListState latest;
  for (const std::string& slot : slots.value()) {
    FileListState state;
    ByteReader reader(slot);
    const bool whole = reader.little_endian(state.number) && reader.little_endian(state.bytes) &&
                       reader.little_endian(state.hash);
    if (whole && std::tie(latest.number, latest.bytes) < std::tie(state.number, state.bytes)) {
      latest = state;
    }
  }
  return latest;
}

Status FileListMark::update(rocksdb::DB& db) {
  const std::lock_guard lock(mutex_);
  if (stands_still()) return ok_status();
  std::vector<std::string> files;
  std::uint64_t bytes = 0;
  const rocksdb::Status listed = db.GetLiveFiles(files, &bytes, false);
  if (!listed.ok()) return to_error(listed, "list files");
  std::uint64_t number = 0;
  for (const std::string& file : files) number = std::max(number, file_list_number(file));
  if (number == written_.number && bytes == written_.bytes) return ok_status();
  const rocksdb::Status hashed = hash_up_to(number, bytes);
  if (is_missing(hashed)) return ok_status();  // Another one has taken its place just now.
  if (!hashed.ok()) return to_error(hashed, "read " + path_of(number));
  std::string payload;
  for (const std::uint64_t field : {hashed_.number, hashed_.bytes, hashed_.hash}) {
    append_little_endian(payload, field);
  }
  if (Status written = slots_.write(payload); !written.ok()) return written;
  written_ = hashed_;
  return ok_status();
}

// Asking RocksDB, which alone knows how much of it is on disk, costs a list of all tables.
bool FileListMark::stands_still() const {
  std::uint64_t bytes = 0;
  return written_.number != 0 &&
         storage_env()->GetFileSize(path_of(written_.number), &bytes).ok() &&
         bytes == written_.bytes;
}

rocksdb::Status FileListMark::hash_up_to(std::uint64_t number, std::uint64_t bytes) {
  if (number != hashed_.number || !hash_) {
    hash_.reset(XXH3_createState());
    if (!hash_) return rocksdb::Status::MemoryLimit();
    (void)XXH3_64bits_reset(hash_.get());
    hashed_ = {number, 0, 0};
  }
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status status = storage_env()->NewSequentialFile(path_of(number), &file, {});
  if (status.ok()) status = file->Skip(hashed_.bytes);
  std::string scratch(std::min<std::uint64_t>(kReadBytes, bytes - hashed_.bytes), '\0');
  while (status.ok() && hashed_.bytes < bytes) {
    const std::size_t wanted = std::min<std::uint64_t>(scratch.size(), bytes - hashed_.bytes);
    rocksdb::Slice got;
    status = file->Read(wanted, &got, scratch.data());
    if (status.ok() && got.empty()) status = rocksdb::Status::IOError("the file is too short");
    if (!status.ok()) break;
    (void)XXH3_64bits_update(hash_.get(), got.data(), got.size());
    hashed_.bytes += got.size();
  }
  if (status.ok()) hashed_.hash = XXH3_64bits_digest(hash_.get());
  return status;
}

std::string FileListMark::path_of(std::uint64_t number) const {
  char name[32];
  std::snprintf(name, sizeof name, "MANIFEST-%06llu", static_cast<unsigned long long>(number));
  return (dir_ / name).string();
}

}  // namespace kpi
