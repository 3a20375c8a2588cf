// Elias-Fano lists: m non-decreasing integers of 0..universe, the low `width` bits of each in one
// array, the high parts in unary in another. Read by rank in place, without decoding; no read
// leaves the slice, whatever its bytes.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace kpi::sketch {

// What a list of `entries` >= 1 integers of 0..universe looks like: follows from these two alone.
struct EliasFanoShape {
  EliasFanoShape() = default;
  EliasFanoShape(std::size_t entry_count, std::uint64_t largest);
  std::size_t high_bits() const { return entries + static_cast<std::size_t>(universe >> width); }
  std::size_t high_bytes() const { return (high_bits() + 7) / 8; }
  std::size_t low_bytes() const { return (entries * width + 7) / 8; }
  std::size_t bytes() const { return high_bytes() + low_bytes(); }

  std::size_t entries = 0;
  std::uint64_t universe = 0;  // Inclusive, below 2^62.
  std::uint32_t width = 0;     // Low bits of an entry; universe >> width < 2 x entries.
};

// A reader over the last shape.bytes() bytes of `slice`, which must outlive it. What stands
// before them is only ever loaded along with them.
class EliasFanoView {
 public:
  EliasFanoView() = default;
  EliasFanoView(EliasFanoShape shape, std::string_view slice)
      : shape_(shape),
        data_(slice.data()),
        size_(slice.size()),
        high_at_(slice.size() - shape.bytes()),
        low_at_(slice.size() - shape.low_bytes()) {}

  // The entry at `index` < entries. Of damaged bytes: some number.
  std::uint64_t get(std::size_t index) const;
  // How many entries are below `target`: the index of the first that is not.
  std::size_t lower_bound(std::uint64_t target) const;
  // Calls visit(entry) for each in order. False where the bytes are not a list that the encoder
  // writes: too few entries, one above the universe, a descent, or a stray bit.
  template <class Visit>
  bool for_each(Visit visit) const;

 private:
  // Eight bytes at `offset` < size_, zeros beyond the end of the slice.
  std::uint64_t load(std::size_t offset) const {
    std::uint64_t word = 0;
    if (size_ < sizeof word) [[unlikely]] {
      std::memcpy(&word, data_ + offset, size_ - offset);
      return word;
    }
    const std::size_t at = std::min(offset, size_ - sizeof word);
    std::memcpy(&word, data_ + at, sizeof word);
    return word >> (8 * (offset - at));
  }
  // Word `index` of the unary part, without the bits after it.
  std::uint64_t high_word(std::size_t index) const {
    const std::uint64_t word = load(high_at_ + index * 8);
    const std::size_t left = shape_.high_bits() - index * 64;
    return left >= 64 ? word : word & ((std::uint64_t{1} << left) - 1);
  }
  std::size_t high_words() const { return (shape_.high_bits() + 63) / 64; }
  std::uint64_t low(std::size_t index) const {
    if (shape_.width == 0) return 0;
    const std::size_t bit = index * shape_.width;
    std::uint64_t word = load(low_at_ + bit / 8) >> (bit % 8);
    if (shape_.width > 57 && bit % 8 + shape_.width > 64) {
      word |= load(low_at_ + bit / 8 + 8) << (64 - bit % 8);
    }
    return word & ((std::uint64_t{1} << shape_.width) - 1);
  }
  bool padding_is_zero() const;

  EliasFanoShape shape_;
  const char* data_ = nullptr;
  std::size_t size_ = 0, high_at_ = 0, low_at_ = 0;
};

// Writes a list of known shape to the end of a string, which nobody else may touch before finish().
class EliasFanoWriter {
 public:
  EliasFanoWriter(EliasFanoShape shape, std::string* out);
  void push(std::uint64_t entry) {  // Not below the one before; shape.entries times.
    const std::size_t bit = static_cast<std::size_t>(entry >> shape_.width) + index_;
    high_[bit / 8] = static_cast<char>(high_[bit / 8] | 1 << (bit % 8));
    if (shape_.width == 0) {
      ++index_;
      return;
    }
    const std::uint64_t low = entry & ((std::uint64_t{1} << shape_.width) - 1);
    const std::size_t at = index_++ * shape_.width;
    std::uint64_t word = 0;
    std::memcpy(&word, low_ + at / 8, sizeof word);
    word |= low << (at % 8);
    std::memcpy(low_ + at / 8, &word, sizeof word);
    if (at % 8 + shape_.width > 64) low_[at / 8 + 8] = static_cast<char>(low >> (64 - at % 8));
  }
  void finish();

 private:
  static constexpr std::size_t kSlackBytes = 8;  // So that push() may store whole words.
  EliasFanoShape shape_;
  std::string* out_;
  char* high_;
  char* low_;
  std::size_t index_ = 0;
};

template <class Visit>
bool EliasFanoView::for_each(Visit visit) const {
  const EliasFanoView view = *this;  // So that what visit() writes cannot alias the members.
  std::size_t index = 0;
  std::uint64_t previous = 0;
  for (std::size_t w = 0, words = view.high_words(); w < words; ++w) {
    for (std::uint64_t word = view.high_word(w); word != 0; word &= word - 1) {
      if (index == view.shape_.entries) return false;
      const std::uint64_t bit = w * 64 + static_cast<std::uint64_t>(std::countr_zero(word));
      const std::uint64_t entry = ((bit - index) << view.shape_.width) | view.low(index);
      if (entry < previous || entry > view.shape_.universe) return false;
      previous = entry;
      visit(entry);
      ++index;
    }
  }
  return index == view.shape_.entries && view.padding_is_zero();
}

}  // namespace kpi::sketch
