#include "engine/chunk/rice.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "kpi/assert.h"

namespace kpi {
namespace {

constexpr std::uint32_t kLowBitsMax = 31;
constexpr std::size_t kSlackBytes = 8;  // So that the writers may store whole words.

// Appends `width` low bits a time.
class BitWriter {
 public:
  explicit BitWriter(char* out) : out_(out) {}
  void push(std::uint64_t bits, std::uint32_t width) {  // width <= 32, no bits above it.
    word_ |= bits << fill_;
    fill_ += width;
    if (fill_ < 32) return;
    std::memcpy(out_, &word_, 4);
    out_ += 4;
    word_ >>= 32;
    fill_ -= 32;
  }
  void finish() { std::memcpy(out_, &word_, sizeof word_); }

 private:
  char* out_;
  std::uint64_t word_ = 0;
  std::uint32_t fill_ = 0;
};

class UnaryWriter {
 public:
  explicit UnaryWriter(char* out) : out_(out) {}
  void push(std::uint64_t zeros) {
    at_ += zeros;
    for (; at_ >= 64; at_ -= 64) flush();
    word_ |= std::uint64_t{1} << at_;
    ++at_;
  }
  void finish(char* end) {
    if (at_ > 0)
      std::memcpy(out_, &word_, static_cast<std::size_t>(std::min<std::ptrdiff_t>(end - out_, 8)));
  }

 private:
  void flush() {
    std::memcpy(out_, &word_, sizeof word_);
    out_ += sizeof word_;
    word_ = 0;
  }
  char* out_;
  std::uint64_t word_ = 0, at_ = 0;
};

struct RiceHeader {
  std::uint32_t min = 0;
  std::uint8_t k = 0;
  std::uint64_t unary = 0;
  std::string_view low, high;
};

bool read_header(ByteReader& reader, std::size_t count, RiceHeader& header) {
  if (!reader.varint32(header.min) || !reader.little_endian(header.k)) return false;
  if (header.k == kRiceConstant) return true;
  if (header.k > kLowBitsMax || !reader.varint(header.unary) || header.unary >= 4 * count) {
    return false;
  }
  return reader.take((count * header.k + 7) / 8, header.low) &&
         reader.take((count + header.unary + 7) / 8, header.high);
}

// Up to eight bytes of `bytes` from `offset`, zeros beyond.
std::uint64_t load_tail(std::string_view bytes, std::size_t offset) {
  std::uint64_t word = 0;
  if (offset < bytes.size()) {
    std::memcpy(&word, bytes.data() + offset, std::min<std::size_t>(bytes.size() - offset, 8));
  }
  return word;
}

bool stray_bits(std::string_view bytes, std::uint64_t used_bits) {
  return used_bits % 8 != 0 && static_cast<unsigned char>(bytes.back()) >> (used_bits % 8) != 0;
}

// Where the decoder stands; `seen` gathers all values to find one beyond 32 bits.
struct RiceWalk {
  std::uint32_t* values;
  std::uint64_t index = 0;
  std::uint64_t next_bit = 0;  // The first of the unary part at `index`.
  std::uint64_t seen = 0;
};

// The values whose ones stand in `word`, whose first bit is bit `begin` of the unary part.
template <class Load>
inline void walk_word(const RiceHeader& header, std::uint64_t word, std::uint64_t begin,
                      Load load_low, RiceWalk& walk) {
  const std::uint64_t mask = (std::uint64_t{1} << header.k) - 1;
  std::uint64_t index = walk.index, next_bit = walk.next_bit, seen = walk.seen;
  for (; word != 0; word &= word - 1, ++index) {
    const std::uint64_t one = begin + static_cast<std::uint64_t>(std::countr_zero(word));
    const std::uint64_t high = one - next_bit;
    next_bit = one + 1;
    const std::uint64_t bit = index * header.k;
    const std::uint64_t low = (load_low(bit / 8) >> (bit % 8)) & mask;
    const std::uint64_t value = header.min + ((high << header.k) | low);
    seen |= value;
    walk.values[index] = static_cast<std::uint32_t>(value);
  }
  walk.index = index;
  walk.next_bit = next_bit;
  walk.seen = seen;
}

}  // namespace

RicePlan::RicePlan(std::span<const std::uint32_t> values) : count(values.size()) {
  KPI_ASSERT(count > 0);
  std::uint64_t sum = 0;
  std::uint32_t max = 0;
  min = 0xFFFFFFFF;
  for (const std::uint32_t value : values) {
    sum += value;
    min = std::min(min, value);
    max = std::max(max, value);
  }
  if (min == max) return;
  const std::uint64_t mean = (sum - count * min) / count;
  const auto wide =
      static_cast<std::uint8_t>(mean == 0 ? 0 : static_cast<int>(std::bit_width(mean)) - 1);
  const auto narrow = static_cast<std::uint8_t>(wide == 0 ? 0 : wide - 1);
  std::uint64_t wide_unary = 0, narrow_unary = 0;
  for (const std::uint32_t value : values) {
    wide_unary += (value - min) >> wide;
    narrow_unary += (value - min) >> narrow;
  }
  const bool narrower = count * narrow + narrow_unary < count * wide + wide_unary;
  k = narrower ? narrow : wide;
  unary = narrower ? narrow_unary : wide_unary;
}

std::size_t RicePlan::bytes() const {
  return varint_size(min) + 1 + (constant() ? 0 : varint_size(unary)) + low_bytes() + unary_bytes();
}

void append_rice(const RicePlan& plan, std::span<const std::uint32_t> values, std::string* out) {
  append_varint(*out, plan.min);
  out->push_back(static_cast<char>(plan.k));
  if (plan.constant()) return;
  append_varint(*out, plan.unary);
  const std::size_t begin = out->size(), size = plan.low_bytes() + plan.unary_bytes();
  out->resize(begin + size + kSlackBytes);
  // The unary part goes second: the low bits' slack falls on bytes that are still to be written.
  BitWriter low(out->data() + begin);
  const std::uint32_t mask = (1U << plan.k) - 1;
  for (const std::uint32_t value : values) low.push((value - plan.min) & mask, plan.k);
  low.finish();
  UnaryWriter high(out->data() + begin + plan.low_bytes());
  for (const std::uint32_t value : values) high.push((value - plan.min) >> plan.k);
  high.finish(out->data() + begin + size);
  out->resize(begin + size);
}

void append_rice(std::span<const std::uint32_t> values, std::string* out) {
  append_rice(RicePlan(values), values, out);
}

bool skip_rice(ByteReader& reader, std::size_t count) {
  RiceHeader header;
  return read_header(reader, count, header);
}

bool read_rice(ByteReader& reader, std::size_t count, std::uint32_t* values) {
  RiceHeader header;
  if (!read_header(reader, count, header)) return false;
  if (header.k == kRiceConstant) {
    std::fill_n(values, count, header.min);
    return true;
  }
  // Loads of the low bits may reach into the unary part behind them, not beyond it.
  const std::string_view both(header.low.data(), header.low.size() + header.high.size());
  const auto load_fast = [&](std::size_t offset) {
    return load_little_endian<std::uint64_t>(both.data() + offset);
  };
  const auto load_slow = [&](std::size_t offset) { return load_tail(both, offset); };
  RiceWalk walk{values};
  for (std::size_t at = 0; at < header.high.size(); at += 8) {
    const bool whole = at + 8 <= header.high.size();
    const std::uint64_t word = whole ? load_little_endian<std::uint64_t>(header.high.data() + at)
                                     : load_tail(header.high, at);
    const std::uint64_t next = walk.index + static_cast<std::uint64_t>(std::popcount(word));
    if (next > count) return false;
    if (next * header.k / 8 + 8 <= both.size()) {
      walk_word(header, word, at * 8, load_fast, walk);
    } else {
      walk_word(header, word, at * 8, load_slow, walk);
    }
  }
  const std::uint64_t unary_bits = count + header.unary;
  const bool ends_with_one =
      (static_cast<unsigned char>(header.high.back()) >> ((unary_bits - 1) % 8)) == 1;
  return walk.index == count && walk.seen <= 0xFFFFFFFF && ends_with_one &&
         !stray_bits(header.low, count * header.k);
}

}  // namespace kpi
