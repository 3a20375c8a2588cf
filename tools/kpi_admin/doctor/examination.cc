#include "tools/kpi_admin/doctor/examination.h"

#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>

#include "kpi/engine.h"
#include "tools/kpi_admin/doctor/store_files.h"

namespace kpi::tools {
namespace {

using Grade = Finding::Grade;
namespace fs = std::filesystem;

constexpr std::uint64_t kFreeBytesMin = 512U << 20;
constexpr double kFreeShareMin = 0.05;
constexpr rlim_t kOpenFilesMin = 8'192;
constexpr std::int64_t kFutureMs = 5 * kMinuteMs;  // Clocks of senders may be so far ahead.
constexpr std::uint64_t kBacklogMin = 1'024;

// Of file systems that linux/magic.h does not name.
constexpr long kCifsMagic = 0xFF534D42, kFuseMagic = 0x65735546, kXfsMagic = 0x58465342,
               kZfsMagic = 0x2FC12FC1;

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

Finding failed(const char* what, const fs::path& path) {
  return {Grade::kWrong, what, path.string() + ": " + std::strerror(errno)};
}

Finding free_space(const fs::path& dir) {
  struct statvfs found {};
  if (::statvfs(dir.c_str(), &found) != 0) return failed("space", dir);
  const std::uint64_t free = std::uint64_t{found.f_bavail} * found.f_frsize;
  const std::uint64_t all = std::uint64_t{found.f_blocks} * found.f_frsize;
  const auto wanted =
      std::max(kFreeBytesMin, static_cast<std::uint64_t>(static_cast<double>(all) * kFreeShareMin));
  if (free < wanted) {
    return {Grade::kWrong, "space",
            mebibytes(free) + " free; at least " + mebibytes(wanted) + " was expected"};
  }
  if (found.f_files > 0 && found.f_favail < 1'000) {
    return {Grade::kWrong, "space", std::to_string(found.f_favail) + " inodes free"};
  }
  return {Grade::kOk, "space", mebibytes(free) + " of " + mebibytes(all) + " free"};
}

Finding file_system(const fs::path& dir) {
  struct statfs found {};
  if (::statfs(dir.c_str(), &found) != 0) return failed("filesystem", dir);
  switch (static_cast<long>(found.f_type)) {
    case TMPFS_MAGIC:
    case RAMFS_MAGIC:
      return {Grade::kWrong, "filesystem", "in memory: nothing survives a restart of the machine"};
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case kCifsMagic:
      return {Grade::kWrong, "filesystem", "of the network: locks and syncs do not hold there"};
    case kFuseMagic:
      return {Grade::kNote, "filesystem", "FUSE: whether a sync holds is up to its program"};
    case OVERLAYFS_SUPER_MAGIC:
      return {Grade::kNote, "filesystem", "overlay: of a container, gone with it; mount a volume"};
    case EXT4_SUPER_MAGIC:
      return {Grade::kOk, "filesystem", "ext4"};
    case kXfsMagic:
      return {Grade::kOk, "filesystem", "xfs"};
    case BTRFS_SUPER_MAGIC:
      return {Grade::kOk, "filesystem", "btrfs"};
    case kZfsMagic:
      return {Grade::kOk, "filesystem", "zfs"};
    default:
      return {Grade::kNote, "filesystem", "unknown, type " + std::to_string(found.f_type)};
  }
}

Finding permissions(const fs::path& dir) {
  struct stat found {};
  if (::stat(dir.c_str(), &found) != 0) return failed("permissions", dir);
  if (!S_ISDIR(found.st_mode))
    return {Grade::kWrong, "permissions", dir.string() + " is not a directory"};
  if (::access(dir.c_str(), R_OK | W_OK | X_OK) != 0) return failed("permissions", dir);
  if ((found.st_mode & S_IWOTH) != 0) {
    return {Grade::kWrong, "permissions", "everybody may write to " + dir.string()};
  }
  if (found.st_uid != ::geteuid()) {
    return {Grade::kNote, "permissions", dir.string() + " belongs to another user than this one"};
  }
  if ((found.st_mode & S_IROTH) != 0) {
    return {Grade::kNote, "permissions", "everybody may read " + dir.string() + "; chmod 0750"};
  }
  return {Grade::kOk, "permissions", "this user's"};
}

Finding open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return failed("openfiles", "RLIMIT_NOFILE");
  const std::string text =
      std::to_string(limit.rlim_cur) + " open files, at most " + std::to_string(limit.rlim_max);
  if (limit.rlim_max < kOpenFilesMin) {
    return {Grade::kWrong, "openfiles",
            text + "; " + std::to_string(kOpenFilesMin) + " were expected"};
  }
  return {limit.rlim_cur < kOpenFilesMin ? Grade::kNote : Grade::kOk, "openfiles", text};
}

Finding file_size() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0) return failed("filesize", "RLIMIT_FSIZE");
  if (limit.rlim_cur == RLIM_INFINITY) return {Grade::kOk, "filesize", "no limit"};
  return {Grade::kWrong, "filesize", "files of at most " + mebibytes(limit.rlim_cur)};
}

Finding clock_state() {
  timex state{};
  const int got = ::adjtimex(&state);
  if (got < 0) return {Grade::kNote, "clock", "whether it is kept in step cannot be told"};
  if (got == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    return {Grade::kNote, "clock", "not kept in step with others: events come under wrong times"};
  }
  return {Grade::kOk, "clock", "kept in step"};
}

Finding users_file(const fs::path& users) {
  struct stat found {};
  if (::stat(users.c_str(), &found) != 0) return failed("users", users);
  if ((found.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
    return {Grade::kWrong, "users", "others may read or change " + users.string() + "; chmod 0640"};
  }
  return {Grade::kOk, "users", users.string()};
}

Finding listen_backlog() {
  std::uint64_t value = 0;
  std::ifstream("/proc/sys/net/core/somaxconn") >> value;
  const std::string text = "net.core.somaxconn " + std::to_string(value);
  if (value >= kBacklogMin) return {Grade::kOk, "backlog", text};
  return {Grade::kNote, "backlog", text + ": bursts of connections are refused; 4096 is usual"};
}

Finding memory_overcommit() {
  int mode = 0;
  std::ifstream("/proc/sys/vm/overcommit_memory") >> mode;
  const std::string text = "vm.overcommit_memory " + std::to_string(mode);
  if (mode != 2) return {Grade::kOk, "memory", text};
  return {Grade::kNote, "memory", text + ": allocations may fail before memory is used up"};
}

std::int64_t wall_clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

Finding events_of_the_future(const View& view) {
  AggregateRequest later;
  later.range.begin_ms = wall_clock_ms() + kFutureMs;
  const auto found = view.aggregate(later);
  if (!found.ok()) return {Grade::kWrong, "events", found.error().message};
  const std::uint64_t events = found.value().size == 0 ? 0 : found.value().counts[0].events;
  if (events == 0) return {Grade::kOk, "events", "none of the future"};
  return {Grade::kWrong, "events",
          std::to_string(events) + " are of the future: this clock, or a sender's, is wrong"};
}

void store(const fs::path& dir, std::vector<Finding>* findings) {
  EngineOptions options;
  options.dir = dir;
  options.read_only = true;
  const auto engine = Engine::open(std::move(options));
  if (!engine.ok()) {
    std::string text = engine.error().message;
    if (!engine.error().hint.empty()) text += "; " + engine.error().hint;
    findings->push_back({Grade::kWrong, "store", std::move(text)});
    return;
  }
  const EngineStats stats = engine.value()->stats();
  std::string format;
  for (const auto& [name, value] : engine.value()->status()) {
    if (name == "format") format = value;
  }
  findings->push_back({Grade::kOk, "store",
                       "opens, format version " + format + "; " + mebibytes(stats.disk_bytes) +
                           " in tables, " + std::to_string(stats.live_events) +
                           " events in the journal"});
  const auto view = engine.value()->view();
  if (view.ok()) findings->push_back(events_of_the_future(*view.value()));
}

}  // namespace

std::vector<Finding> examine(const fs::path& data_dir, const fs::path& users) {
  std::vector<Finding> findings{{Grade::kOk, "program", "kpi-admin " KPI_VERSION},
                                permissions(data_dir)};
  std::error_code error;
  if (fs::is_directory(data_dir, error)) {
    findings.push_back(free_space(data_dir));
    findings.push_back(file_system(data_dir));
    findings.push_back(lock_holder(data_dir));
    findings.push_back(watermark(data_dir));
    store(data_dir, &findings);
  }
  findings.push_back(open_files());
  findings.push_back(file_size());
  findings.push_back(clock_state());
  findings.push_back(listen_backlog());
  findings.push_back(memory_overcommit());
  if (!users.empty()) findings.push_back(users_file(users));
  return findings;
}

}  // namespace kpi::tools
