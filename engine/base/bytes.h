// Bytes on disk: LEB128 varints, zigzag, fixed little-endian words for values, big-endian ones for
// keys, and a reader that never leaves its slice. Header-only, std only.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace kpi {

inline std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

inline constexpr std::size_t kVarintBytesMax = 10;

// Writes at `out`, which has kVarintBytesMax bytes of room; returns the end.
inline char* put_varint(char* out, std::uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}
inline void append_varint(std::string& out, std::uint64_t value) {
  char buffer[kVarintBytesMax];
  out.append(buffer, static_cast<std::size_t>(put_varint(buffer, value) - buffer));
}
inline std::size_t varint_size(std::uint64_t value) {
  return value == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(value)) + 6) / 7;
}

// The end of `count` varints that begin at `at`; nullptr where `end` comes first. Looks at the top
// bit of eight bytes at a time: it is clear in the last byte of a varint.
inline const char* skip_varints(const char* at, const char* end, std::size_t count) {
  while (count > 0 && end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    std::uint64_t ends = ~word & 0x8080808080808080;
    // Adds the eight top bits up; std::popcount is a call where the CPU is not known to have it.
    const auto whole = static_cast<std::size_t>(((ends >> 7) * 0x0101010101010101) >> 56);
    if (whole < count) {
      count -= whole;
      at += 8;
      continue;
    }
    for (; count > 1; --count) ends &= ends - 1;
    return at + std::countr_zero(ends) / 8 + 1;
  }
  for (; count > 0; ++at) {
    if (at == end) return nullptr;
    if ((static_cast<unsigned char>(*at) & 0x80) == 0) --count;
  }
  return at;
}

template <class Word>  // An unsigned integer.
inline void append_big_endian(std::string& out, Word value) {
  for (int shift = static_cast<int>(sizeof(Word)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}
template <class Word>
inline Word load_big_endian(const char* bytes) {
  Word value = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) {
    value = static_cast<Word>((value << 8) | static_cast<unsigned char>(bytes[i]));
  }
  return value;
}
template <class Word>
inline void append_little_endian(std::string& out, Word value) {
  static_assert(std::endian::native == std::endian::little);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <class Word>
inline Word load_little_endian(const char* bytes) {
  static_assert(std::endian::native == std::endian::little);
  Word value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// Walks over a slice of unknown origin. A failed read returns false and leaves the output
// unspecified; the reader never moves past the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool varint(std::uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) return false;
      const auto byte = static_cast<unsigned char>(*at_++);
      if (shift == 63 && byte > 1) return false;  // Beyond 64 bits.
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool varint32(std::uint32_t& value) {
    std::uint64_t wide = 0;
    if (!varint(wide) || wide > 0xFFFFFFFF) return false;
    value = static_cast<std::uint32_t>(wide);
    return true;
  }
  bool take(std::size_t size, std::string_view& bytes) {
    if (remaining() < size) return false;
    bytes = {at_, size};
    at_ += size;
    return true;
  }
  template <class Word>
  bool little_endian(Word& value) {
    if (remaining() < sizeof(Word)) return false;
    value = load_little_endian<Word>(at_);
    at_ += sizeof(Word);
    return true;
  }
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  bool done() const { return at_ == end_; }
  const char* position() const { return at_; }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace kpi
