// LEB128 varints of 128-bit sums. Header-only, std only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/bytes.h"
#include "kpi/sketch.h"

namespace kpi {

inline void append_varint128(std::string& out, Uint128 value) {
  while (value > 0xFFFFFFFF) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value) | 0x80));
    value >>= 7;
  }
  append_varint(out, static_cast<std::uint64_t>(value));
}

inline std::size_t varint128_size(Uint128 value) {
  std::size_t size = 0;
  for (; value > 0xFFFFFFFF; value >>= 7) ++size;
  return size + varint_size(static_cast<std::uint64_t>(value));
}

inline bool read_varint128(ByteReader& reader, Uint128& value) {
  value = 0;
  for (int shift = 0; shift < 126; shift += 7) {  // A sum has 94 bits at most.
    std::uint8_t byte = 0;
    if (!reader.little_endian(byte)) return false;
    value |= static_cast<Uint128>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

}  // namespace kpi
