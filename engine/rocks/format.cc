#include "engine/rocks/format.h"

#include "engine/base/bytes.h"

namespace kpi {

Result<std::uint64_t> meta_number(const Database& database, std::string_view key,
                                  const rocksdb::Snapshot* snapshot) {
  Result<std::string> bytes = database.meta(key, snapshot);
  if (!bytes.ok()) return bytes.error();
  if (bytes.value().empty()) return std::uint64_t{0};
  std::uint64_t number = 0;
  ByteReader reader(bytes.value());
  if (!reader.little_endian(number) || !reader.done()) {
    return Error{ErrorCode::kCorruption, "meta: damaged " + std::string(key), {}, 0};
  }
  return number;
}

Status check_format(const Database& database, bool read_only) {
  Result<std::uint64_t> version = meta_number(database, kMetaFormat, nullptr);
  if (!version.ok()) return version.error();
  if (version.value() > kFormatVersion) {
    return Error{ErrorCode::kUnsupported,
                 "data of format version " + std::to_string(version.value()) +
                     ", this program reads up to " + std::to_string(kFormatVersion),
                 "use a newer program", 0};
  }
  if (version.value() == kFormatVersion || read_only) return ok_status();
  if (version.value() == 0 && database.db().GetLatestSequenceNumber() != 0) {
    return Error{ErrorCode::kCorruption, "meta: data without a format version",
                 "is this a directory of this store?", 0};
  }
  std::string bytes;
  append_little_endian(bytes, kFormatVersion);
  const rocksdb::Status status = database.db().Put(
      database.write_options(), database.family(Family::kMeta), kMetaFormat, bytes);
  return status.ok() ? ok_status() : Status(to_error(status, "stamp the format"));
}

}  // namespace kpi
