#include "engine/rocks/file_list.h"

#include <rocksdb/file_checksum.h>
#include <xxhash.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/rocks/database.h"
#include "engine/rocks/file_list_mark.h"
#include "engine/rocks/storage_env.h"

namespace kpi {
namespace {

// RocksDB's format of logs: records do not cross blocks; each has a masked CRC-32C of its type and
// its bytes (u32), its length (u16) and its type (u8).
constexpr std::size_t kBlockBytes = 32U << 10, kHeadBytes = 7, kCrcBytes = 4;
constexpr unsigned kTypes = 4;  // From 1: whole, or the first, a middle or the last part.

std::uint32_t masked_crc(std::string_view bytes, char type) {
  const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  const auto generator = factory->CreateFileChecksumGenerator({});
  generator->Update(&type, 1);
  generator->Update(bytes.data(), bytes.size());
  generator->Finalize();
  std::uint32_t crc = 0;
  for (const char byte : generator->GetChecksum()) {
    crc = crc << 8 | static_cast<unsigned char>(byte);
  }
  return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

// The size of the record that `rest` of a block begins with, were `head` its head; 0: it is none.
std::size_t whole_record(std::string_view rest, std::string_view head) {
  const std::size_t length = load_little_endian<std::uint16_t>(head.data() + kCrcBytes);
  const char type = head.back();
  const bool known = type >= 1 && static_cast<unsigned>(type) <= kTypes;
  if (!known || kHeadBytes + length > rest.size()) return 0;
  const auto crc = load_little_endian<std::uint32_t>(head.data());
  return crc == masked_crc(rest.substr(kHeadBytes, length), type) ? kHeadBytes + length : 0;
}

// A torn record is whole under no head.
bool is_whole_but_for_a_bit(std::string_view rest) {
  for (std::size_t bit = 8 * kCrcBytes; bit < 8 * kHeadBytes; ++bit) {
    std::string head(rest.substr(0, kHeadBytes));
    head[bit / 8] = static_cast<char>(head[bit / 8] ^ (1 << bit % 8));
    if (whole_record(rest, head) > 0) return true;
  }
  return false;
}

Error damaged(const std::filesystem::path& path, const std::string& how) {
  return {ErrorCode::kCorruption, "the list of files " + path.string() + ' ' + how,
          "restore from a backup, or salvage", 0};
}

Status check_records(std::string_view list, const std::filesystem::path& path) {
  std::size_t at = 0;
  while (at + kHeadBytes <= list.size()) {
    const std::size_t left = kBlockBytes - at % kBlockBytes;
    if (left < kHeadBytes) {  // Padding.
      at += left;
      continue;
    }
    const std::string_view rest = list.substr(at, left);
    const std::size_t size = whole_record(rest, rest.substr(0, kHeadBytes));
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
