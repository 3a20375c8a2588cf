#include "server/pgwire/numeric_text.h"

#include <cstddef>
#include <cstdint>

namespace kpi::server::pgwire {
namespace {

constexpr std::size_t kHeaderBytes = 8;  // Count of digits, weight, sign, decimals shown.
constexpr unsigned kNegative = 0x4000;
constexpr unsigned kBase = 10'000;
constexpr int kWeightMax = 80;  // Of the first digit: 10000^80 is more than float8 has.

unsigned u16(std::string_view bytes, std::size_t at) {
  return (static_cast<unsigned>(static_cast<unsigned char>(bytes[at])) << 8) |
         static_cast<unsigned char>(bytes[at + 1]);
}

void append_group(std::string* text, unsigned group) {
  const std::string digits = std::to_string(group);
  text->append(4 - digits.size(), '0').append(digits);
}

}  // namespace

std::optional<std::string> numeric_text(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  const std::size_t count = u16(bytes, 0);
  const int weight = static_cast<std::int16_t>(u16(bytes, 2));
  const unsigned sign = u16(bytes, 4);
  if (bytes.size() != kHeaderBytes + 2 * count || (sign != 0 && sign != kNegative)) {
    return std::nullopt;
  }
  if (count == 0) return "0";
  if (weight > kWeightMax || weight < -kWeightMax) return std::nullopt;
  std::string text = sign == kNegative ? "-0" : "0";
  const int groups = static_cast<int>(count);
  // Group i counts 10000^(weight - i): up to `weight` they are whole, then come the decimals.
  for (int i = weight < 0 ? weight + 1 : 0; i < groups || i <= weight; ++i) {
    if (i == weight + 1) text += '.';
    const bool there = i >= 0 && i < groups;
    const unsigned group = there ? u16(bytes, kHeaderBytes + 2 * static_cast<std::size_t>(i)) : 0;
    if (group >= kBase) return std::nullopt;
    append_group(&text, group);
  }
  if (text.find('.') == text.npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace kpi::server::pgwire
