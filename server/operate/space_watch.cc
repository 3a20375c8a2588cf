#include "server/operate/space_watch.h"

#include <pthread.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "kpi/canary.h"

namespace kpi::server {
namespace {

constexpr auto kEvery = std::chrono::seconds(1);
constexpr std::uint64_t kBudgets = 4, kPercent = 5, kSmallDiskPart = 4;
constexpr std::uint64_t kOpeningBytes = 16U << 20;
// A fast sender fills a small disk within a second.
constexpr std::uint64_t kLookEveryBytes = 256U << 10;

}  // namespace

std::optional<DiskSpace> disk_space(const std::filesystem::path& path) {
  struct statvfs disk = {};
  std::filesystem::path place = path;
  while (::statvfs(place.empty() ? "." : place.c_str(), &disk) != 0) {
    if (errno != ENOENT || place.empty() || place == place.parent_path()) return std::nullopt;
    place = place.parent_path();
  }
  const std::uint64_t block = disk.f_frsize;
  return DiskSpace{block * disk.f_blocks, block * disk.f_bavail};
}

std::uint64_t min_free_bytes(std::uint64_t configured, std::uint64_t disk_bytes,
                             std::uint64_t budget_bytes) {
  if (configured != 0) return configured;
  const std::uint64_t wanted = std::max(disk_bytes / 100 * kPercent, kBudgets * budget_bytes);
  return std::min(wanted, disk_bytes / kSmallDiskPart);
}

std::uint64_t opening_bytes(std::uint64_t min_free) {
  return std::min(min_free / 2, kOpeningBytes);
}

bool is_short(bool was_short, std::uint64_t free_bytes, std::uint64_t min_free) {
  if (canary("never-short-of-space")) return false;
  return free_bytes < (was_short ? min_free + min_free / 4 : min_free);
}

SpaceWatch::SpaceWatch(std::filesystem::path dir, std::uint64_t min_free,
                       std::function<void(bool, std::uint64_t)> changed)
    : dir_(std::move(dir)), min_free_(min_free), changed_(std::move(changed)) {}

SpaceWatch::~SpaceWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SpaceWatch::start() {
  thread_ = std::thread([this] {
    for (;;) {
      check();
      std::unique_lock lock(mutex_);
      if (stop_.wait_for(lock, kEvery, [this] { return stopping_; })) return;
    }
  });
  pthread_setname_np(thread_.native_handle(), "kpi-space");
}

// A disk that cannot be asked is left to the store's own errors.
bool SpaceWatch::check() {
  const std::optional<DiskSpace> space = disk_space(dir_);
  const std::lock_guard lock(mutex_);
  if (!space) return short_;
  free_.store(space->free_bytes, std::memory_order_relaxed);
  const bool now = is_short(short_, space->free_bytes, min_free_);
  if (now != short_) changed_(now, space->free_bytes);
  short_ = now;
  return now;
}

void SpaceWatch::wrote(std::uint64_t bytes) {
  if (unseen_.fetch_add(bytes, std::memory_order_relaxed) + bytes < kLookEveryBytes) return;
  unseen_.store(0, std::memory_order_relaxed);
  check();
}

}  // namespace kpi::server
