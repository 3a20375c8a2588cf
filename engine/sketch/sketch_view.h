// A sketch read in place from a slice: what kpi::Sketch does, without owning or copying bytes.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/sketch/elias_fano.h"
#include "engine/sketch/index.h"
#include "kpi/result.h"
#include "kpi/sketch.h"

namespace kpi {

namespace sketch {
inline constexpr std::uint32_t kPlainWeight = 1000;  // Of one value, in thousandths.
// Of all values of a sketch together, in thousandths.
inline constexpr std::uint64_t kTotalWeightMax = std::uint64_t{1} << 62;

struct WeightedValue {  // Without initialisers: views are made by the million.
  std::uint32_t value;
  std::uint32_t weight;  // Thousandths, at least 1.
  auto operator<=>(const WeightedValue&) const = default;
};
}  // namespace sketch

// Outlived by its slice. The accessors mean what those of kpi::Sketch mean. Thread-compatible.
class SketchView {
 public:
  SketchView() = default;  // Of no values.
  // Reads the header and checks all that can be checked without walking over the bins: every
  // access is then safe, whatever the bytes are, and the answers are right for bytes that were a
  // sketch once. Enough for slices under a checksum; validate() for others. kCorruption.
  static Result<SketchView> parse(std::string_view bytes);
  // The same into *this; false where parse() gives an error, *this is then unspecified.
  bool read(std::string_view bytes);
  // Walks over everything: true only for bytes that some builder could have written.
  bool validate() const;

  bool empty() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }
  std::uint64_t weight() const { return total_ * unit_; }
  Uint128 weighted_sum() const { return weighted_ ? sum() : sum() * sketch::kPlainWeight; }
  std::optional<std::uint32_t> min() const { return empty() ? std::nullopt : std::optional(min_); }
  std::optional<std::uint32_t> max() const { return empty() ? std::nullopt : std::optional(max_); }
  std::optional<double> mean() const;
  std::optional<double> quantile(double q) const;
  std::optional<double> fraction_at_most(std::uint32_t bound) const;
  std::vector<Sketch::Bin> bins() const;

  // Below: for builders.
  bool weighted() const { return weighted_; }
  std::uint64_t unit() const { return unit_; }  // Thousandths of what for_each_bin() counts.
  // Of the values, or of value x weight if weighted().
  Uint128 sum() const {
    return static_cast<Uint128>(weighted_ ? weight() : count_) * min_ + excess_;
  }
  bool exact() const { return count_ <= kSketchExactValuesMax; }
  std::span<const sketch::WeightedValue> exact_values() const;  // Ascending; requires exact().
  std::uint32_t bin_range() const { return range_; }            // Bins from min() to max().
  // Calls visit(bin, units) for each non-empty bin, ascending; requires !exact(). False where the
  // bytes are damaged, perhaps after some visits, of at most bin_range() bins.
  template <class Visit>
  bool for_each_bin(Visit visit) const;

 private:
  // While positions are fewer than the bins of the range, the list has the bin of every unit but
  // the first and last; above that, for every bin but the last the units up to it, less one.
  bool by_position() const { return total_ <= range_; }
  bool read_exact(std::string_view bytes);
  bool read_binned(std::string_view bytes);
  bool read_list(std::string_view bytes);
  std::uint64_t units_through(std::uint32_t offset) const;
  std::uint32_t offset_of_rank(std::uint64_t rank) const;
  double quantile_of_rank(std::uint64_t rank) const;
  std::uint64_t exact_weight_at_most(std::uint32_t bound) const;
  std::uint32_t lower_of(std::uint32_t bin) const;
  std::uint32_t upper_of(std::uint32_t bin) const;

  std::uint64_t count_ = 0;
  std::uint64_t total_ = 0;  // In units.
  std::uint64_t unit_ = 0;   // In thousandths.
  Uint128 excess_ = 0;       // Sum over min: of the values, of value x weight if weighted.
  std::uint32_t min_ = 0, max_ = 0;
  std::uint32_t first_bin_ = 0, range_ = 0;
  bool weighted_ = false;
  sketch::EliasFanoView list_;
  std::array<sketch::WeightedValue, kSketchExactValuesMax> exact_;
};

template <class Visit>
bool SketchView::for_each_bin(Visit visit) const {
  if (range_ == 1) {
    visit(first_bin_, total_);
    return true;
  }
  if (!by_position()) {
    std::uint64_t before = 0;
    std::uint32_t bin = first_bin_;
    const bool sound = list_.for_each([&](std::uint64_t entry) {
      if (entry + 1 != before) visit(bin, entry + 1 - before);
      before = entry + 1;
      ++bin;
    });
    if (sound) visit(bin, total_ - before);
    return sound;
  }
  std::uint64_t offset = 0, units = 1;
  const auto step = [&](std::uint64_t entry) {
    if (entry == offset) {
      ++units;
      return;
    }
    visit(first_bin_ + static_cast<std::uint32_t>(offset), units);
    offset = entry;
    units = 1;
  };
  if (total_ > 2 && !list_.for_each(step)) return false;
  step(range_ - 1);
  visit(first_bin_ + static_cast<std::uint32_t>(offset), units);
  return true;
}

}  // namespace kpi
