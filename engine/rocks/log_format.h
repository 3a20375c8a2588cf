// How RocksDB's logs and MANIFESTs are made up of records
// (github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format): a record has one part or several,
// and no part crosses the end of a block.
#pragma once
#include <cstddef>
#include <string_view>

namespace kpi {

inline constexpr std::size_t kLogBlockBytes = 32U << 10;
// Before each part: a masked CRC-32C of its kind and its bytes (u32), its length (u16), its kind.
inline constexpr std::size_t kLogHeadBytes = 7, kLogCrcBytes = 4;

enum class LogPart : char { kWhole = 1, kFirst, kMiddle, kLast };

// The size of the part that `rest` of a block begins with, its head included, were `head` its head;
// 0: it is none, or damaged. `head` has kLogHeadBytes, `rest` at least as many.
std::size_t whole_part(std::string_view rest, std::string_view head);

}  // namespace kpi
