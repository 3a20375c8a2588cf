// The store's own format version, kept in `meta`: RocksDB would open data of any later version.
#pragma once
#include <cstdint>

#include "engine/rocks/database.h"
#include "kpi/result.h"

namespace kpi {

inline constexpr std::uint64_t kFormatVersion = 4;
inline constexpr char kMetaFormat[] = "format";

// Stamps a new database, and one of an older version, which is this one's without the families of
// documents or of seen request keys (unless it was opened to read). kUnsupported: written by a
// newer program. kCorruption: data without a readable version.
Status check_format(const Database& database, bool read_only);

// A 64-bit number in `meta`; 0 where there is none.
Result<std::uint64_t> meta_number(const Database& database, std::string_view key,
                                  const rocksdb::Snapshot* snapshot);

}  // namespace kpi
