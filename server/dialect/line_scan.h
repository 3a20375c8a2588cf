// Eight bytes at a time: the inner loops of template matching. All may read up to 16 bytes beyond
// the bytes they look at. Header-only.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

namespace kpi::server {

static_assert(std::endian::native == std::endian::little);

inline std::uint64_t load_word(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

inline constexpr std::uint64_t kEachByte = 0x0101010101010101U;
inline constexpr std::uint64_t kHighBits = 0x8080808080808080U;

// Whether `size` bytes at both places are equal.
inline bool equal_bytes(const char* a, const char* b, std::size_t size) {
  if (size < 8) {
    const std::uint64_t mask = size == 0 ? 0 : ~std::uint64_t{0} >> (64 - 8 * size);
    return ((load_word(a) ^ load_word(b)) & mask) == 0;
  }
  std::uint64_t difference = load_word(a + size - 8) ^ load_word(b + size - 8);
  for (std::size_t i = 0; i + 8 < size; i += 8) difference |= load_word(a + i) ^ load_word(b + i);
  return difference == 0;
}

// Of the first bytes that are decimal digits: how many, up to 8.
inline unsigned leading_digits(std::uint64_t word) {
  const std::uint64_t nibbles = word ^ (kEachByte * '0');  // 0..9 for digits.
  const std::uint64_t beyond = ((nibbles & ~kHighBits) + kEachByte * (0x80 - 10)) | nibbles;
  const std::uint64_t stops = beyond & kHighBits;
  return stops == 0 ? 8 : static_cast<unsigned>(std::countr_zero(stops)) / 8;
}

// The value of the first `digits` (1..8) bytes of `word`, which are decimal digits.
inline std::uint64_t digits_value(std::uint64_t word, unsigned digits) {
  word = (word ^ (kEachByte * '0')) << (64 - 8 * digits);
  word = (word * 10) + (word >> 8);
  constexpr std::uint64_t kPairs = 0x000000FF000000FFU;
  constexpr std::uint64_t kHigh = 0x000F424000000064U;  // 100 + (1'000'000 << 32)
  constexpr std::uint64_t kLow = 0x0000271000000001U;   // 1 + (10'000 << 32)
  return (((word & kPairs) * kHigh) + (((word >> 16) & kPairs) * kLow)) >> 32;
}

// Reads a number as JSON spells non-negative integers, at most 15 digits. Returns its end, or
// nullptr.
inline const char* scan_number(const char* at, std::uint64_t& value) {
  const std::uint64_t word = load_word(at);
  unsigned digits = leading_digits(word);
  if (digits == 0 || (digits > 1 && *at == '0')) return nullptr;
  value = digits_value(word, digits);
  at += digits;
  if (digits < 8) return at;
  constexpr std::uint64_t kPowers[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000};
  const std::uint64_t more = load_word(at);
  digits = leading_digits(more);
  if (digits == 0) return at;
  if (digits == 8) return nullptr;
  value = value * kPowers[digits] + digits_value(more, digits);
  return at + digits;
}

// The first byte at or after `at` that is a quote, a backslash, below 0x20 or beyond ASCII; may
// also stop at `end`.
inline const char* scan_string(const char* at, const char* end) {
  for (; at < end; at += 8) {
    const std::uint64_t word = load_word(at);
    const std::uint64_t quote = word ^ (kEachByte * '"');
    const std::uint64_t escape = word ^ (kEachByte * '\\');
    // Borrows can only mark bytes above the first true one.
    const std::uint64_t stops = (((quote - kEachByte) & ~quote) | ((escape - kEachByte) & ~escape) |
                                 (word - kEachByte * 0x20) | word) &
                                kHighBits;
    if (stops != 0) return at + std::countr_zero(stops) / 8;
  }
  return end;
}

}  // namespace kpi::server
