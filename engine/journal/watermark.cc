#include "engine/journal/watermark.h"

#include <xxhash.h>

#include <algorithm>
#include <string>

#include "engine/base/bytes.h"
#include "engine/rocks/database.h"
#include "engine/rocks/storage_env.h"
#include "kpi/canary.h"

namespace kpi {
namespace {

constexpr std::size_t kSlotBytes = 512;  // One sector each.

bool is_missing(const rocksdb::Status& status) {
  return status.IsNotFound() || status.IsPathNotFound();
}

// A file whose directory entry is not durable would be gone after a power cut.
rocksdb::Status make_file(const std::filesystem::path& path) {
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = storage_env()->NewWritableFile(path.string(), &file, {});
  if (status.ok()) status = file->Close();
  std::unique_ptr<rocksdb::Directory> directory;
  if (status.ok()) status = storage_env()->NewDirectory(path.parent_path().string(), &directory);
  if (!status.ok() || canary("watermark-directory-not-synced")) return status;
  return directory->Fsync();
}

}  // namespace

Result<std::uint64_t> Watermark::read() const {
  if (is_missing(storage_env()->FileExists(path_.string()))) return std::uint64_t{0};
  std::string bytes;
  const rocksdb::Status status = rocksdb::ReadFileToString(storage_env(), path_.string(), &bytes);
  if (!status.ok()) return to_error(status, "read " + path_.string());
  std::uint64_t highest = 0;
  for (std::size_t at = 0; at + 16 <= std::min(bytes.size(), 2 * kSlotBytes); at += kSlotBytes) {
    const auto sequence = load_little_endian<std::uint64_t>(bytes.data() + at);
    const auto hash = load_little_endian<std::uint64_t>(bytes.data() + at + 8);
    if (hash == XXH3_64bits(bytes.data() + at, 8)) highest = std::max(highest, sequence);
  }
  return highest;
}

rocksdb::Status Watermark::open_file() {
  rocksdb::Status status = storage_env()->FileExists(path_.string());
  if (is_missing(status)) status = make_file(path_);
  if (!status.ok()) return status;
  return storage_env()->NewRandomRWFile(path_.string(), &file_, {});
}

Status Watermark::write(std::uint64_t sequence) {
  if (sequence == written_) return ok_status();
  rocksdb::Status status = file_ ? rocksdb::Status::OK() : open_file();
  std::string slot;
  append_little_endian(slot, sequence);
  append_little_endian(slot, static_cast<std::uint64_t>(XXH3_64bits(slot.data(), 8)));
  if (status.ok()) status = file_->Write(static_cast<std::size_t>(slot_) * kSlotBytes, slot);
  if (status.ok()) status = file_->Sync();
  if (!status.ok()) return to_error(status, "write " + path_.string());
  written_ = sequence;
  slot_ = 1 - slot_;
  return ok_status();
}

}  // namespace kpi
