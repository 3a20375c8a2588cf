#include "tests/engine/faults/fault_disk.h"

#include <algorithm>
#include <utility>

namespace kpi::test {

namespace fs = std::filesystem;
using rocksdb::IOStatus;

FaultDisk::FaultDisk(Fault fault, fs::path shadows, std::shared_ptr<rocksdb::FileSystem> medium)
    : fault_(fault), shadows_(std::move(shadows)), medium_(std::move(medium)) {
  (void)medium_->CreateDirIfMissing(shadows_.string(), {}, nullptr);
}

void FaultDisk::arm(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  operations_ = 0;
  fired_ = false;
}

bool FaultDisk::can_fail(Operation operation) const {
  if (fault_.only && operation != *fault_.only) return false;
  switch (fault_.kind) {
    case FaultKind::kIo:
      return true;
    case FaultKind::kShortWrite:
      return operation == Operation::kAppend;
    case FaultKind::kNoSpace:
      return operation != Operation::kRead && operation != Operation::kDelete;
    case FaultKind::kPowerCut:
      return operation != Operation::kRead;
  }
  return false;
}

bool FaultDisk::fails(Operation operation) {
  const bool power_off = fired_ && fault_.kind == FaultKind::kPowerCut;
  if (!can_fail(operation)) return power_off && operation != Operation::kRead;
  ++operations_;
  if (fault_.at == 0 || operations_ < fault_.at) return false;
  if (operations_ > fault_.at && !fault_.sticky && !power_off) return false;
  fired_ = true;
  return true;
}

IOStatus FaultDisk::error(const std::string& path) const {
  if (fault_.kind == FaultKind::kNoSpace) return IOStatus::NoSpace("No space left", path);
  return IOStatus::IOError("Input/output error", path);
}

IOStatus FaultDisk::before(Operation operation, const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (watch_) watch_(operation, path, 0);
  return fails(operation) ? error(path) : IOStatus::OK();
}

IOStatus FaultDisk::before_append(const std::string& path, std::size_t size, std::size_t* keep) {
  const std::lock_guard lock(mutex_);
  if (watch_) watch_(Operation::kAppend, path, size);
  *keep = size;
  const bool power_off = fired_ && fault_.kind == FaultKind::kPowerCut;
  if (!fails(Operation::kAppend)) return IOStatus::OK();
  *keep = fault_.kind == FaultKind::kIo || power_off ? 0 : size / 2;
  return error(path);
}

bool FaultDisk::fired() const {
  const std::lock_guard lock(mutex_);
  return fired_;
}

std::uint64_t FaultDisk::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

void FaultDisk::created(const std::string& path) {
  const std::lock_guard lock(mutex_);
  synced_sizes_[path] = 0;
  entries_.push_back({Operation::kCreate, path, {}, {}});
}

void FaultDisk::synced(const std::string& path, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  const auto known = synced_sizes_.find(path);
  if (known != synced_sizes_.end()) known->second = std::max(known->second, size);
}

void FaultDisk::wrote_in_place(const std::string& path, std::uint64_t offset,
                               std::string_view data) {
  const std::lock_guard lock(mutex_);
  std::string before(data.size(), '\0');
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  if (medium_->NewRandomAccessFile(path, {}, &file, nullptr).ok()) {
    std::string scratch(before.size(), '\0');
    rocksdb::Slice read;
    if (file->Read(offset, scratch.size(), {}, &read, scratch.data(), nullptr).ok()) {
      before.replace(0, read.size(), read.data(), read.size());
    }
  }
  in_place_[path].push_back({offset, std::move(before)});
}

void FaultDisk::synced_in_place(const std::string& path) {
  const std::lock_guard lock(mutex_);
  in_place_.erase(path);
  std::error_code missing;
  const std::uint64_t size = fs::file_size(path, missing);
  const auto known = synced_sizes_.find(path);
  if (!missing && known != synced_sizes_.end()) known->second = size;
}

std::string FaultDisk::keep_shadow(const std::string& path) {
  const std::string shadow = (shadows_ / std::to_string(++shadow_count_)).string();
  return medium_->LinkFile(path, shadow, {}, nullptr).ok() ? shadow : std::string();
}

void FaultDisk::renaming(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  entries_.push_back({Operation::kRename, to, from, keep_shadow(to)});
  const auto known = synced_sizes_.find(from);
  if (known == synced_sizes_.end()) return;
  synced_sizes_[to] = known->second;
  synced_sizes_.erase(known);
}

void FaultDisk::deleting(const std::string& path) {
  const std::lock_guard lock(mutex_);
  entries_.push_back({Operation::kDelete, path, {}, keep_shadow(path)});
}

void FaultDisk::directory_synced() {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) remove(entry.shadow);
  entries_.clear();
}

void FaultDisk::move(const std::string& from, const std::string& to) const {
  (void)medium_->RenameFile(from, to, {}, nullptr);
}

void FaultDisk::remove(const std::string& path) const {
  if (!path.empty()) (void)medium_->DeleteFile(path, {}, nullptr);
}

void FaultDisk::undo(const Entry& entry) const {
  if (entry.what == Operation::kRename) move(entry.path, entry.from);
  if (entry.what == Operation::kCreate) remove(entry.path);
  if (!entry.shadow.empty()) move(entry.shadow, entry.path);
}

// Entries come back in the order they were made, as from a journal: a first part of them is there.
// Of each file, what was synced is there, and of the rest all, nothing or a part.
void FaultDisk::lose_unsynced(std::mt19937_64& rng) {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, size] : synced_sizes_) {
    std::uint64_t now = 0;
    if (!medium_->GetFileSize(path, {}, &now, nullptr).ok() || now <= size) continue;
    const std::uint64_t parts[] = {0, now - size, rng() % (now - size + 1)};
    const std::uint64_t left = size + parts[rng() % 3];
    // The real file system of RocksDB cannot.
    std::error_code failed;
    if (!medium_->Truncate(path, left, {}, nullptr).ok()) fs::resize_file(path, left, failed);
  }
  for (const auto& [path, writes] : in_place_) {
    std::unique_ptr<rocksdb::FSRandomRWFile> file;
    if (!medium_->NewRandomRWFile(path, {}, &file, nullptr).ok()) continue;
    for (auto write = writes.rbegin(); write != writes.rend(); ++write) {
      const std::uint64_t torn = rng() % (write->before.size() + 1);
      (void)file->Write(write->offset, rocksdb::Slice(write->before.data(), torn), {}, nullptr);
    }
  }
  for (std::size_t kept = entries_.empty() ? 0 : rng() % (entries_.size() + 1);
       entries_.size() > kept; entries_.pop_back()) {
    undo(entries_.back());
  }
  for (const Entry& entry : entries_) remove(entry.shadow);
  entries_.clear();
  synced_sizes_.clear();
  in_place_.clear();
}

}  // namespace kpi::test
