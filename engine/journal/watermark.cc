#include "engine/journal/watermark.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/bytes.h"

namespace kpi {
namespace {

constexpr std::size_t kSlotBytes = 512;  // One sector each.

Error io_error(const std::filesystem::path& path, const char* doing) {
  return {ErrorCode::kIo,
          std::string("cannot ") + doing + " " + path.string() + ": " + std::strerror(errno),
          {},
          0};
}

}  // namespace

Watermark::~Watermark() {
  if (file_ >= 0) ::close(file_);
}

Result<std::uint64_t> Watermark::read() const {
  std::ifstream in(path_, std::ios::binary);
  if (!in) return std::uint64_t{0};
  std::string bytes(2 * kSlotBytes, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  std::uint64_t highest = 0;
  for (std::size_t at = 0; at + 16 <= bytes.size(); at += kSlotBytes) {
    const auto sequence = load_little_endian<std::uint64_t>(bytes.data() + at);
    const auto hash = load_little_endian<std::uint64_t>(bytes.data() + at + 8);
    if (hash == XXH3_64bits(bytes.data() + at, 8)) highest = std::max(highest, sequence);
  }
  return highest;
}

Status Watermark::write(std::uint64_t sequence) {
  if (sequence == written_) return ok_status();
  if (file_ < 0) file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) return io_error(path_, "open");
  std::string slot;
  append_little_endian(slot, sequence);
  append_little_endian(slot, static_cast<std::uint64_t>(XXH3_64bits(slot.data(), 8)));
  const auto offset = static_cast<off_t>(static_cast<std::size_t>(slot_) * kSlotBytes);
  const ssize_t wrote = ::pwrite(file_, slot.data(), slot.size(), offset);
  if (wrote != static_cast<ssize_t>(slot.size()) || ::fdatasync(file_) != 0) {
    return io_error(path_, "write");
  }
  written_ = sequence;
  slot_ = 1 - slot_;
  return ok_status();
}

}  // namespace kpi
