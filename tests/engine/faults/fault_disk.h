// The state of a disk that fails on demand: which operation does, and what a power cut would take.
// Thread-safe.
#pragma once
#include <rocksdb/file_system.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace kpi::test {

enum class Operation : std::uint8_t { kRead, kCreate, kAppend, kSync, kRename, kDelete };

enum class FaultKind : std::uint8_t {
  kIo,          // EIO of whatever operation it is.
  kNoSpace,     // ENOSPC of those that need space.
  kShortWrite,  // Half of an append, then EIO.
  kPowerCut,    // Nothing is done any more; lose_unsynced() then makes the disk as it comes back.
};

struct Fault {
  FaultKind kind = FaultKind::kIo;
  std::uint64_t at = 0;  // Of the operations that can fail so, counted from 1; 0: none fails.
  bool sticky = false;   // And every such operation after it. Power stays cut anyway.
  std::optional<Operation> only = {};  // Of one class; else of all.
};

class FaultDisk {
 public:
  // `shadows`: a directory on `medium` for what was deleted or replaced, but not durably.
  FaultDisk(Fault fault, std::filesystem::path shadows,
            std::shared_ptr<rocksdb::FileSystem> medium = rocksdb::FileSystem::Default());

  // From now on another fault, counted anew; what is not durable stays known.
  void arm(Fault fault);
  // Told of each operation that is asked for. `size`: of an append, else 0.
  using Watch = std::function<void(Operation operation, const std::string& path, std::size_t size)>;
  void watch(Watch watch) { watch_ = std::move(watch); }
  const std::shared_ptr<rocksdb::FileSystem>& medium() const { return medium_; }

  // Counts the operation; OK: do it.
  rocksdb::IOStatus before(Operation operation, const std::string& path);
  // As before(); `keep` is how much of an append of `size` bytes reaches the file all the same.
  rocksdb::IOStatus before_append(const std::string& path, std::size_t size, std::size_t* keep);
  bool fired() const;
  std::uint64_t operations() const;

  // What was done. `synced`: so much of the file is durable.
  void created(const std::string& path);
  void synced(const std::string& path, std::uint64_t size);
  void wrote_in_place(const std::string& path, std::uint64_t offset, std::string_view data);
  void synced_in_place(const std::string& path);
  // Around a rename or a deletion, which the disk may undo until the directory is synced.
  void renaming(const std::string& from, const std::string& to);
  void deleting(const std::string& path);
  void directory_synced();

  // Once nothing is open: drops unsynced bytes and directory entries, or keeps a part of them.
  // What is left is durable.
  void lose_unsynced(std::mt19937_64& rng);

 private:
  struct Entry {  // A change of the directory that is not durable yet.
    Operation what;
    std::string path, from, shadow;
  };
  struct InPlace {
    std::uint64_t offset;
    std::string before;
  };
  bool can_fail(Operation operation) const;
  bool fails(Operation operation);
  rocksdb::IOStatus error(const std::string& path) const;
  std::string keep_shadow(const std::string& path);
  void undo(const Entry& entry) const;
  void move(const std::string& from, const std::string& to) const;
  void remove(const std::string& path) const;

  Fault fault_;
  const std::filesystem::path shadows_;
  const std::shared_ptr<rocksdb::FileSystem> medium_;
  Watch watch_;
  mutable std::mutex mutex_;
  std::uint64_t operations_ = 0, shadow_count_ = 0;
  bool fired_ = false;
  std::vector<Entry> entries_;
  std::map<std::string, std::uint64_t> synced_sizes_;  // Of files made since.
  std::map<std::string, std::vector<InPlace>> in_place_;
};

}  // namespace kpi::test
