#include "engine/sketch/elias_fano.h"

#include "kpi/assert.h"

namespace kpi::sketch {
namespace {

// Without a CPU flag std::popcount is a call; this is not, and it stays in registers.
inline std::size_t ones(std::uint64_t word) {
  word -= (word >> 1) & 0x5555555555555555;
  word = (word & 0x3333333333333333) + ((word >> 2) & 0x3333333333333333);
  word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0F;
  return static_cast<std::size_t>((word * 0x0101010101010101) >> 56);
}

// The position of the one with `rank` ones before it; `word` has more than `rank`.
inline std::size_t select_in_word(std::uint64_t word, std::size_t rank) {
  for (; rank > 0; --rank) word &= word - 1;
  return static_cast<std::size_t>(std::countr_zero(word));
}

}  // namespace

EliasFanoShape::EliasFanoShape(std::size_t entry_count, std::uint64_t largest)
    : entries(entry_count), universe(largest) {
  if (entry_count > largest + 1) return;
  // floor(log2((largest + 1) / entries)) without the division: small sketches are many.
  width = static_cast<std::uint32_t>(std::bit_width(largest + 1) - std::bit_width(entry_count));
  if (std::uint64_t{entry_count} << width > largest + 1) --width;
}

std::uint64_t EliasFanoView::get(std::size_t index) const {
  std::size_t rank = index;
  for (std::size_t w = 0, words = high_words(); w < words; ++w) {
    const std::uint64_t word = high_word(w);
    const std::size_t count = ones(word);
    if (rank < count) {
      const std::uint64_t bit = w * 64 + select_in_word(word, rank);
      return ((bit - index) << shape_.width) | low(index);
    }
    rank -= count;
  }
  return shape_.universe;
}

std::size_t EliasFanoView::lower_bound(std::uint64_t target) const {
  if (target > shape_.universe) return shape_.entries;
  // The entries with a smaller high part stand before the zero that ends the part before.
  const std::uint64_t high = target >> shape_.width;
  std::uint64_t rank = high;
  std::size_t w = 0;
  const std::size_t words = high_words();
  std::size_t bit = 0;
  if (high > 0) {
    for (--rank; w < words; ++w) {
      const std::uint64_t left = shape_.high_bits() - w * 64;
      const std::uint64_t mask = left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
      const std::uint64_t zeros = ~high_word(w) & mask;
      const std::size_t count = ones(zeros);
      if (rank < count) {
        bit = w * 64 + select_in_word(zeros, static_cast<std::size_t>(rank)) + 1;
        break;
      }
      rank -= count;
    }
    if (w == words) return shape_.entries;
  }
  // Among those with the same high part the low bits decide; the run may begin a word or fill it.
  const std::uint64_t low_target = target & ((std::uint64_t{1} << shape_.width) - 1);
  std::size_t index = bit - static_cast<std::size_t>(high);
  for (; bit < shape_.high_bits() && index < shape_.entries; ++bit, ++index) {
    if (((load(high_at_ + bit / 8) >> (bit % 8)) & 1) == 0) break;
    if (low(index) >= low_target) break;
  }
  return std::min(index, shape_.entries);
}

bool EliasFanoView::padding_is_zero() const {
  const std::size_t high_tail = shape_.high_bits() % 8,
                    low_tail = shape_.entries * shape_.width % 8;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(data_[at]); };
  return (high_tail == 0 || byte(low_at_ - 1) >> high_tail == 0) &&
         (low_tail == 0 || byte(size_ - 1) >> low_tail == 0);
}

EliasFanoWriter::EliasFanoWriter(EliasFanoShape shape, std::string* out)
    : shape_(shape), out_(out) {
  const std::size_t begin = out->size();
  out->resize(begin + shape.bytes() + kSlackBytes);
  high_ = out->data() + begin;
  low_ = high_ + shape.high_bytes();
}

void EliasFanoWriter::finish() {
  KPI_ASSERT(index_ == shape_.entries);
  out_->resize(out_->size() - kSlackBytes);
}

}  // namespace kpi::sketch
