#include "server/pgwire/wire_types.h"

#include <charconv>
#include <cstring>

#include "kpi/assert.h"

namespace kpi::server::pgwire {
namespace {

void append_u64(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xFF);
}

double shown_number(const query::Value& value) {
  const std::string text = query::to_text(value, query::Type::kFloat8);
  double shown = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), shown);
  KPI_ASSERT(parsed.ec == std::errc());
  return shown;
}

}  // namespace

WireType wire_type(query::Type type) {
  switch (type) {
    case query::Type::kText:
      return {oid::kText, 0xFFFF};
    case query::Type::kInt8:
      return {oid::kInt8, 8};
    case query::Type::kFloat8:
      return {oid::kFloat8, 8};
    case query::Type::kTimestamp:
      return {oid::kTimestamptz, 8};
    case query::Type::kBool:
      return {oid::kBool, 1};
  }
  KPI_ASSERT(false);
}

void append_binary(std::string& out, const query::Value& value, query::Type type) {
  if (type == query::Type::kFloat8) {
    const double shown = shown_number(value);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &shown, sizeof(bits));
    append_u64(out, bits);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    out += *text;
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    out += *truth ? '\1' : '\0';
  } else {
    const std::int64_t number = std::get<std::int64_t>(value);
    append_u64(out, static_cast<std::uint64_t>(type == query::Type::kTimestamp
                                                   ? (number - kPostgresEpochMs) * 1000
                                                   : number));
  }
}

}  // namespace kpi::server::pgwire
