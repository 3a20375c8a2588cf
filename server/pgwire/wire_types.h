// PostgreSQL's types as far as clients meet them here: their OIDs and sizes, and values in binary
// format.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "kpi/query.h"

namespace kpi::server::pgwire {

// OIDs of pg_type.
namespace oid {
inline constexpr std::uint32_t kUnspecified = 0, kBool = 16, kName = 19, kInt8 = 20, kInt2 = 21,
                               kInt4 = 23, kText = 25, kOid = 26, kFloat4 = 700, kFloat8 = 701,
                               kUnknown = 705, kBpchar = 1042, kVarchar = 1043, kDate = 1082,
                               kTimestamp = 1114, kTimestamptz = 1184, kInterval = 1186,
                               kNumeric = 1700;
}  // namespace oid

// From 1970-01-01 to 2000-01-01, where PostgreSQL's times begin.
inline constexpr std::int64_t kPostgresEpochMs = 946'684'800'000;

struct WireType {
  std::uint32_t oid;
  std::uint16_t size;  // 0xFFFF: variable.
};
WireType wire_type(query::Type type);

// Appends the value, without its length. It is the value that the text format shows: a float8
// rounded alike, so that a client may change formats in mid-course. Requires no NULL.
void append_binary(std::string& out, const query::Value& value, query::Type type);

}  // namespace kpi::server::pgwire
