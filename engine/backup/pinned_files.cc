#include "engine/backup/pinned_files.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include "engine/journal/watermark.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;
constexpr int kAttemptsMax = 1000;  // Each takes about a millisecond; the list changes at a seal.

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// One descriptor a table: as many as the process may ever have.
void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

// False: dropped since it was listed.
Result<bool> pin(const fs::path& path, std::vector<PinnedFiles::File>* files) {
  Result<OpenFile> file = OpenFile::open(path);
  if (!file.ok() && file.error().code == ErrorCode::kNotFound) return false;
  if (!file.ok()) return file.error();
  files->push_back({path.filename().string(), std::move(file).value(), 0});
  return true;
}

std::vector<fs::path> files_in(const fs::path& dir, const char* extension) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(dir, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == extension) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());  // Numbers of six digits and more, zero-filled.
  return files;
}

// Newer ones may be longer names: by number, then.
void sort_by_number(std::vector<fs::path>* logs) {
  std::sort(logs->begin(), logs->end(), [](const fs::path& a, const fs::path& b) {
    const std::string x = a.stem().string(), y = b.stem().string();
    return x.size() != y.size() ? x.size() < y.size() : x < y;
  });
}

Status pin_logs(const fs::path& dir, PinnedFiles* pinned) {
  std::vector<fs::path> logs = files_in(dir, ".log");
  sort_by_number(&logs);
  for (const fs::path& log : logs) {
    if (Result<bool> there = pin(log, &pinned->logs); !there.ok()) return there.error();
  }
  for (PinnedFiles::File& log : pinned->logs) {
    const Result<std::uint64_t> size = log.file.size();
    if (!size.ok()) return size.error();
    log.bytes = size.value();
  }
  return ok_status();
}

Status pin_list(const fs::path& dir, PinnedFiles* pinned) {
  pinned->current = read_text(dir / "CURRENT");
  const std::string name = pinned->current.substr(0, pinned->current.find('\n'));
  if (name.substr(0, 9) != "MANIFEST-") {
    return Error{ErrorCode::kNotFound, "data directory " + dir.string() + " holds no store", {}, 0};
  }
  Result<OpenFile> list = OpenFile::open(dir / name);
  if (!list.ok()) return list.error();
  const Result<std::uint64_t> size = list.value().size();
  if (!size.ok()) return size.error();
  pinned->list = {name, std::move(list).value(), size.value()};
  return ok_status();
}

// False: the list of files changed meanwhile.
Result<bool> try_pin(const fs::path& dir, PinnedFiles* pinned) {
  Result<std::uint64_t> durable = Watermark(dir / "WATERMARK").read();
  if (!durable.ok()) return durable.error();
  pinned->durable = durable.value();
  if (Status list = pin_list(dir, pinned); !list.ok()) {
    // A new list takes the place of the old one.
    const bool replaced = read_text(dir / "CURRENT") != pinned->current;
    if (replaced) return false;
    return list.error();
  }
  for (const fs::path& table : files_in(dir, ".sst")) {
    Result<bool> there = pin(table, &pinned->tables);
    if (!there.ok()) return there.error();
    if (!there.value()) continue;
    const Result<std::uint64_t> size = pinned->tables.back().file.size();
    if (!size.ok()) return size.error();
    pinned->tables.back().bytes = size.value();
  }
  if (Status logs = pin_logs(dir, pinned); !logs.ok()) return logs.error();
  pinned->identity = read_text(dir / "IDENTITY");
  while (!pinned->identity.empty() && pinned->identity.back() == '\n') pinned->identity.pop_back();
  const Result<std::uint64_t> size = pinned->list.file.size();
  if (!size.ok()) return size.error();
  return size.value() == pinned->list.bytes && read_text(dir / "CURRENT") == pinned->current;
}

}  // namespace

Result<PinnedFiles> pin_files(const fs::path& dir) {
  allow_many_files();
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    PinnedFiles pinned;
    const Result<bool> stood_still = try_pin(dir, &pinned);
    if (!stood_still.ok()) return stood_still.error();
    if (stood_still.value()) return pinned;
  }
  return Error{ErrorCode::kBusy, "the list of files in " + dir.string() + " does not stand still",
               "try again", 0};
}

}  // namespace kpi
