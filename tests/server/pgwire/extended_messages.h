// Messages of the extended protocol, as a client sends them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/server/pgwire/wire_reader.h"

namespace kpi::server::pgwire {

inline std::string u16(std::size_t value) {
  return {static_cast<char>((value >> 8) & 0xFF), static_cast<char>(value & 0xFF)};
}
inline std::string with_zero(std::string_view text) { return std::string(text) + '\0'; }

inline std::string parse_message(std::string_view name, std::string_view text,
                                 const std::vector<std::uint32_t>& oids = {}) {
  std::string body = with_zero(name) + with_zero(text) + u16(oids.size());
  for (const std::uint32_t type : oids) body += big_endian(type);
  return frontend_message('P', body);
}

using Parameters = std::vector<std::optional<std::string>>;
inline std::string bind_message(std::string_view portal, std::string_view statement,
                                const Parameters& values = {}, const std::vector<int>& formats = {},
                                const std::vector<int>& result_formats = {}) {
  std::string body = with_zero(portal) + with_zero(statement) + u16(formats.size());
  for (const int format : formats) body += u16(static_cast<std::size_t>(format));
  body += u16(values.size());
  for (const auto& value : values) {
    body += big_endian(value ? static_cast<std::uint32_t>(value->size()) : 0xFFFFFFFF);
    body += value.value_or("");
  }
  body += u16(result_formats.size());
  for (const int format : result_formats) body += u16(static_cast<std::size_t>(format));
  return frontend_message('B', body);
}
inline std::string describe_message(char kind, std::string_view name) {
  return frontend_message('D', kind + with_zero(name));
}
inline std::string close_message(char kind, std::string_view name) {
  return frontend_message('C', kind + with_zero(name));
}
inline std::string execute_message(std::string_view portal, std::uint32_t rows_max = 0) {
  return frontend_message('E', with_zero(portal) + big_endian(rows_max));
}
inline std::string sync_message() { return frontend_message('S', ""); }

}  // namespace kpi::server::pgwire
