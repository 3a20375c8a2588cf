#include "tests/engine/faults/fault_disk.h"

#include <algorithm>
#include <fstream>

namespace kpi::test {

namespace fs = std::filesystem;
using rocksdb::IOStatus;

FaultDisk::FaultDisk(Fault fault, fs::path shadows) : fault_(fault), shadows_(std::move(shadows)) {
  fs::create_directories(shadows_);
}

bool FaultDisk::can_fail(Operation operation) const {
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
  return fails(operation) ? error(path) : IOStatus::OK();
}

IOStatus FaultDisk::before_append(const std::string& path, std::size_t size, std::size_t* keep) {
  const std::lock_guard lock(mutex_);
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
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(offset));
  in.read(before.data(), static_cast<std::streamsize>(before.size()));
  in_place_[path].push_back({offset, std::move(before)});
}

void FaultDisk::synced_in_place(const std::string& path) {
  const std::lock_guard lock(mutex_);
  in_place_.erase(path);
}

std::string FaultDisk::keep_shadow(const std::string& path) {
  const std::string shadow = (shadows_ / std::to_string(++shadow_count_)).string();
  std::error_code error;
  fs::create_hard_link(path, shadow, error);
  return error ? std::string() : shadow;
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
  std::error_code ignored;
  for (const Entry& entry : entries_) fs::remove(entry.shadow, ignored);
  entries_.clear();
}

void FaultDisk::undo(const Entry& entry) {
  std::error_code ignored;
  if (entry.what == Operation::kRename) fs::rename(entry.path, entry.from, ignored);
  if (entry.what == Operation::kCreate) fs::remove(entry.path, ignored);
  if (!entry.shadow.empty()) fs::rename(entry.shadow, entry.path, ignored);
}

// Entries come back in the order they were made, as from a journal: a first part of them is there.
// Of each file, what was synced is there, and of the rest all, nothing or a part.
void FaultDisk::lose_unsynced(std::mt19937_64& rng) {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, size] : synced_sizes_) {
    std::error_code missing;
    const std::uint64_t now = fs::file_size(path, missing);
    if (missing || now <= size) continue;
    const std::uint64_t parts[] = {0, now - size, rng() % (now - size + 1)};
    fs::resize_file(path, size + parts[rng() % 3]);
  }
  for (const auto& [path, writes] : in_place_) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    for (auto write = writes.rbegin(); write != writes.rend(); ++write) {
      const std::uint64_t torn = rng() % (write->before.size() + 1);
      file.seekp(static_cast<std::streamoff>(write->offset));
      file.write(write->before.data(), static_cast<std::streamsize>(torn));
    }
  }
  for (std::size_t kept = entries_.empty() ? 0 : rng() % (entries_.size() + 1);
       entries_.size() > kept; entries_.pop_back()) {
    undo(entries_.back());
  }
}

}  // namespace kpi::test
