// Free space on the data disk: below a bound nothing more is taken, well before the store would
// meet a full disk; above it, with some room to spare, everything is again.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace kpi::server {

struct DiskSpace {
  std::uint64_t size_bytes = 0, free_bytes = 0;  // Free to a process without privileges.
};

// Of the file system that `path`, or where it is to be made, lies on. Nothing: it cannot be asked.
std::optional<DiskSpace> disk_space(const std::filesystem::path& path);

// What must stay free: `configured` or, where it is 0, the larger of 5 % of the disk and four times
// what the journal and live events may take, but at most a quarter of the disk.
std::uint64_t min_free_bytes(std::uint64_t configured, std::uint64_t disk_bytes,
                             std::uint64_t budget_bytes);

// Opening a store writes a little; with less than this free it must wait.
std::uint64_t opening_bytes(std::uint64_t min_free);

// Short below `min_free`, until a quarter more than that is free.
bool is_short(bool was_short, std::uint64_t free_bytes, std::uint64_t min_free);

class SpaceWatch {
 public:
  // `changed` is called with the new state, never twice at a time.
  SpaceWatch(std::filesystem::path dir, std::uint64_t min_free,
             std::function<void(bool is_short, std::uint64_t free_bytes)> changed);
  ~SpaceWatch();
  SpaceWatch(const SpaceWatch&) = delete;
  SpaceWatch& operator=(const SpaceWatch&) = delete;

  void start();  // Looks each second.
  bool check();  // Looks now: whether space is short. Thread-safe, as are those below.
  void wrote(std::uint64_t bytes);  // So much is on its way to the disk: looks every now and then.
  std::uint64_t free_bytes() const {  // As of the last look.
    return free_.load(std::memory_order_relaxed);
  }
  std::uint64_t min_free() const { return min_free_; }

 private:
  const std::filesystem::path dir_;
  const std::uint64_t min_free_;
  const std::function<void(bool, std::uint64_t)> changed_;
  std::atomic<std::uint64_t> free_{~std::uint64_t{0}}, unseen_{0};
  std::mutex mutex_;  // Guards the two below.
  bool short_ = false, stopping_ = false;
  std::condition_variable stop_;
  std::thread thread_;
};

}  // namespace kpi::server
