#include "engine/journal/watermark.h"

#include <algorithm>
#include <string>

#include "engine/base/bytes.h"

namespace kpi {

Result<std::uint64_t> Watermark::read() const {
  const Result<std::vector<std::string>> slots = slots_.read();
  if (!slots.ok()) return slots.error();
  std::uint64_t highest = 0;
  for (const std::string& slot : slots.value()) {
    highest = std::max(highest, load_little_endian<std::uint64_t>(slot.data()));
  }
  return highest;
}

Result<std::uint64_t> Watermark::read(const std::function<void(std::string_view)>& warn) const {
  const Result<bool> damaged = is_damaged();
  if (!damaged.ok()) return damaged.error();
  if (damaged.value()) {
    warn(
        "the file WATERMARK is damaged: whether journal records are missing cannot be told this "
        "time; it is written anew");
  }
  return read();
}

Status Watermark::write(std::uint64_t sequence) {
  if (sequence == written_) return ok_status();
  std::string bytes;
  append_little_endian(bytes, sequence);
  if (Status written = slots_.write(bytes); !written.ok()) return written;
  written_ = sequence;
  return ok_status();
}

}  // namespace kpi
