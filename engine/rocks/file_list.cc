#include "engine/rocks/file_list.h"

#include <xxhash.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/rocks/database.h"
#include "engine/rocks/file_list_mark.h"
#include "engine/rocks/log_format.h"
#include "engine/rocks/storage_env.h"

namespace kpi {
namespace {

// A torn record is whole under no head.
bool is_whole_but_for_a_bit(std::string_view rest) {
  for (std::size_t bit = 8 * kLogCrcBytes; bit < 8 * kLogHeadBytes; ++bit) {
    std::string head(rest.substr(0, kLogHeadBytes));
    head[bit / 8] = static_cast<char>(head[bit / 8] ^ (1 << bit % 8));
    if (whole_part(rest, head) > 0) return true;
  }
  return false;
}

Error damaged(const std::filesystem::path& path, const std::string& how) {
  return {ErrorCode::kCorruption, "the list of files " + path.string() + ' ' + how,
          "restore from a backup, or salvage", 0};
}

Status check_records(std::string_view list, const std::filesystem::path& path) {
  std::size_t at = 0;
  while (at + kLogHeadBytes <= list.size()) {
    const std::size_t left = kLogBlockBytes - at % kLogBlockBytes;
    if (left < kLogHeadBytes) {  // Padding.
      at += left;
      continue;
    }
    const std::string_view rest = list.substr(at, left);
    const std::size_t size = whole_part(rest, rest.substr(0, kLogHeadBytes));
    if (size == 0) {
      if (!is_whole_but_for_a_bit(rest)) return ok_status();
      return damaged(path, "is damaged at byte " + std::to_string(at) +
                               ": what follows would be taken for missing");
    }
    at += size;
  }
  return ok_status();
}

Status check_mark(std::string_view list, const FileListState& known,
                  const std::filesystem::path& path) {
  if (list.size() < known.bytes) {
    return damaged(path, "is " + std::to_string(list.size()) + " bytes long, but " +
                             std::to_string(known.bytes) + " had been made durable");
  }
  if (XXH3_64bits(list.data(), known.bytes) == known.hash) return ok_status();
  return damaged(path, "is damaged: its first " + std::to_string(known.bytes) +
                           " bytes are not what had been made durable");
}

}  // namespace

// The mark is read first: beside a writer, what it says then holds for all that is read later.
Status check_file_list(const std::filesystem::path& dir) {
  const Result<FileListState> known = FileListMark(dir).read();
  if (!known.ok()) return known.error();
  std::string current, list;
  rocksdb::Status status =
      rocksdb::ReadFileToString(storage_env(), (dir / "CURRENT").string(), &current);
  if (is_missing(status)) return ok_status();
  if (!status.ok()) return to_error(status, "read " + (dir / "CURRENT").string());
  const std::string name = current.substr(0, current.find('\n'));
  const std::uint64_t number = file_list_number(name);
  if (number == 0) return ok_status();
  const auto path = dir / name;
  if (number < known.value().number) {
    return damaged(path, "is older than number " + std::to_string(known.value().number) +
                             ", which had been made durable");
  }
  status = rocksdb::ReadFileToString(storage_env(), path.string(), &list);
  if (is_missing(status)) return damaged(path, "is missing");
  if (!status.ok()) return to_error(status, "read " + path.string());
  if (number > known.value().number) return check_records(list, path);
  Status fits = check_mark(list, known.value(), path);
  return fits.ok() ? check_records(list, path) : fits;
}

}  // namespace kpi
