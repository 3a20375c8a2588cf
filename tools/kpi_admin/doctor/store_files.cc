#include "tools/kpi_admin/doctor/store_files.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace kpi::tools {
namespace {

using Grade = Finding::Grade;
namespace fs = std::filesystem;

// engine/FORMAT.md, section Directory: a sequence, and the XXH3 of its eight bytes, little-endian.
constexpr std::size_t kSlotBytes = 512, kSequenceBytes = 8, kUsedBytes = 16;

enum class Slot { kUnused, kWhole, kDamaged };

Slot look_at(const std::string& bytes, std::size_t at) {
  if (bytes.size() <= at) return Slot::kUnused;
  if (bytes.size() < at + kUsedBytes) return Slot::kDamaged;
  if (bytes.find_first_not_of('\0', at) >= at + kUsedBytes) return Slot::kUnused;
  std::uint64_t hash = 0;
  for (std::size_t i = kUsedBytes; i > kSequenceBytes; --i) {
    hash = hash << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  }
  const bool whole = hash == XXH3_64bits(bytes.data() + at, kSequenceBytes);
  return whole ? Slot::kWhole : Slot::kDamaged;
}

// Its name, or nothing where it is another user's.
std::string command_of(pid_t pid) {
  std::string name;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm") >> std::ws, name);
  return name.empty() ? std::string() : " (" + name + ")";
}

}  // namespace

Finding lock_holder(const fs::path& data_dir) {
  const fs::path path = data_dir / "LOCK";
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return {Grade::kNote, "lock", "no store has been opened here"};
  if (file < 0) return {Grade::kWrong, "lock", path.string() + ": " + std::strerror(errno)};
  struct flock wanted {};
  wanted.l_type = F_WRLCK;
  wanted.l_whence = SEEK_SET;
  const bool told = ::fcntl(file, F_GETLK, &wanted) == 0;
  ::close(file);
  if (!told) return {Grade::kNote, "lock", "whether it is held cannot be told"};
  if (wanted.l_type == F_UNLCK) return {Grade::kOk, "lock", "held by nobody"};
  // Of a process in another container no number is told.
  if (wanted.l_pid <= 0) return {Grade::kOk, "lock", "held by a process that cannot be seen"};
  return {Grade::kOk, "lock",
          "held by process " + std::to_string(wanted.l_pid) + command_of(wanted.l_pid)};
}

Finding watermark(const fs::path& data_dir) {
  std::ifstream in(data_dir / "WATERMARK", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const Slot slots[] = {look_at(bytes, 0), look_at(bytes, kSlotBytes)};
  const auto count = [&](Slot kind) {
    return (slots[0] == kind ? 1 : 0) + (slots[1] == kind ? 1 : 0);
  };
  if (count(Slot::kDamaged) == 0) {
    return {Grade::kOk, "watermark", count(Slot::kWhole) == 0 ? "none yet" : "whole"};
  }
  if (count(Slot::kWhole) > 0) {
    return {Grade::kNote, "watermark", "one of its two slots is damaged, as by a power cut"};
  }
  return {Grade::kWrong, "watermark",
          "damaged: the loss of journal records would go unnoticed; the server writes it anew"};
}

}  // namespace kpi::tools
