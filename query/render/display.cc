#include "query/render/display.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <span>

#include "query/render/code_point_ranges.h"

namespace kpi::query {
namespace {

bool in_any(std::span<const CodePointRange> ranges, char32_t value) {
  const auto behind =
      std::upper_bound(ranges.begin(), ranges.end(), value,
                       [](char32_t v, const CodePointRange& range) { return v < range.first; });
  return behind != ranges.begin() && value <= std::prev(behind)->last;
}

// C0, DEL and C1 controls; zero-width and bidirectional formatting; line separators; tags.
constexpr CodePointRange kUnsafe[] = {{0x00, 0x1F},     {0x7F, 0x9F},      {0x200B, 0x200F},
                                      {0x2028, 0x202E}, {0x2060, 0x206F},  {0xFEFF, 0xFEFF},
                                      {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};

void append_hex(std::string& out, std::uint32_t value, int digits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += kDigits[(value >> shift) & 15];
}

void append_escaped(std::string& out, const CodePoint& point) {
  if (point.value == '\n') {
    out += "\\n";
  } else if (point.value == '\t') {
    out += "\\t";
  } else if (point.value == '\r') {
    out += "\\r";
  } else if (!point.valid || point.value < 0x80) {
    out += "\\x";
    append_hex(out, point.value, 2);
  } else {
    out += point.value > 0xFFFF ? "\\U" : "\\u";
    append_hex(out, point.value, point.value > 0xFFFF ? 8 : 4);
  }
}

std::size_t width_of(char32_t value) {
  if (value < 0x300) return 1;
  if (in_any(combining_ranges(), value)) return 0;
  return in_any(wide_ranges(), value) ? 2 : 1;
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  const CodePoint invalid = {lead, 1, false};
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return invalid;
  char32_t value = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return invalid;
    value = (value << 6) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kSmallest[size] || surrogate || value > 0x10FFFF) return invalid;
  return {value, size, true};
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (!point.valid || in_any(kUnsafe, point.value)) {
      append_escaped(out, point);
    } else {
      out += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    width += width_of(point.value);
    text.remove_prefix(point.size);
  }
  return width;
}

std::string truncate_to_width(std::string_view text, std::size_t width, std::string_view ellipsis) {
  if (text.size() <= width || display_width(text) <= width) return std::string(text);
  const std::size_t ellipsis_width = std::min(width, display_width(ellipsis));
  std::size_t used = 0, bytes = 0;
  while (bytes < text.size()) {
    const CodePoint point = first_code_point(text.substr(bytes));
    if (used + width_of(point.value) > width - ellipsis_width) break;
    used += width_of(point.value);
    bytes += point.size;
  }
  std::string out(text.substr(0, bytes));
  if (display_width(ellipsis) <= width) out += ellipsis;
  return out;
}

std::string pad(std::string_view text, std::size_t width, bool right) {
  const std::size_t used = display_width(text);
  const std::string blanks(used < width ? width - used : 0, ' ');
  return right ? blanks + std::string(text) : std::string(text) + blanks;
}

}  // namespace kpi::query
