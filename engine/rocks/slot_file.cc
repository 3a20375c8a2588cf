#include "engine/rocks/slot_file.h"

#include <xxhash.h>

#include "engine/base/bytes.h"
#include "engine/rocks/database.h"
#include "engine/rocks/storage_env.h"
#include "kpi/canary.h"

namespace kpi {
namespace {

constexpr std::size_t kSlotBytes = 512;  // One sector each.
constexpr std::size_t kHashBytes = sizeof(std::uint64_t);

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

Result<std::string> SlotFile::bytes() const {
  std::string bytes;
  if (is_missing(storage_env()->FileExists(path_.string()))) return bytes;
  const rocksdb::Status status = rocksdb::ReadFileToString(storage_env(), path_.string(), &bytes);
  if (!status.ok()) return to_error(status, "read " + path_.string());
  return bytes;
}

std::vector<std::string> SlotFile::whole_slots(const std::string& bytes) const {
  std::vector<std::string> payloads;
  for (const std::size_t at : {std::size_t{0}, kSlotBytes}) {
    if (at + payload_bytes_ + kHashBytes > bytes.size()) break;
    std::string payload = bytes.substr(at, payload_bytes_);
    const auto hash = load_little_endian<std::uint64_t>(bytes.data() + at + payload_bytes_);
    if (hash == XXH3_64bits(payload.data(), payload.size())) payloads.push_back(std::move(payload));
  }
  return payloads;
}

Result<std::vector<std::string>> SlotFile::read() const {
  const Result<std::string> read = bytes();
  if (!read.ok()) return read.error();
  return whole_slots(read.value());
}

// A first slot of zeros is one whose write the power did not survive; a second one follows a first.
Result<bool> SlotFile::is_damaged() const {
  const Result<std::string> read = bytes();
  if (!read.ok()) return read.error();
  const bool written =
      read.value().find_first_not_of('\0') != std::string::npos || read.value().size() > kSlotBytes;
  return written && whole_slots(read.value()).empty();
}

rocksdb::Status SlotFile::open_file() {
  rocksdb::Status status = storage_env()->FileExists(path_.string());
  if (is_missing(status)) status = make_file(path_);
  if (!status.ok()) return status;
  return storage_env()->NewRandomRWFile(path_.string(), &file_, {});
}

Status SlotFile::write(std::string_view payload) {
  rocksdb::Status status = file_ ? rocksdb::Status::OK() : open_file();
  std::string slot(payload);
  append_little_endian(slot,
                       static_cast<std::uint64_t>(XXH3_64bits(payload.data(), payload.size())));
  if (status.ok()) status = file_->Write(slot_ * kSlotBytes, slot);
  if (status.ok()) status = file_->Sync();
  if (!status.ok()) return to_error(status, "write " + path_.string());
  slot_ = 1 - slot_;
  return ok_status();
}

}  // namespace kpi
