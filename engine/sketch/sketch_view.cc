#include "engine/sketch/sketch_view.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/bytes.h"
#include "engine/sketch/varint128.h"

namespace kpi {
namespace {

constexpr std::uint64_t kQuantileSteps = 1'000'000'000;

// ceil(q * total), q in steps of 1 / kQuantileSteps, 0 < q < 1.
std::uint64_t rank_of(double q, std::uint64_t total) {
  const auto steps = static_cast<std::uint64_t>(std::llround(q * kQuantileSteps));
  if (total < (std::uint64_t{1} << 33)) {
    return (steps * total + kQuantileSteps - 1) / kQuantileSteps;
  }
  const Uint128 product = static_cast<Uint128>(steps) * total;
  return static_cast<std::uint64_t>((product + kQuantileSteps - 1) / kQuantileSteps);
}

}  // namespace

Result<SketchView> SketchView::parse(std::string_view bytes) {
  SketchView view;
  if (!view.read(bytes)) return Error{ErrorCode::kCorruption, "A sketch's bytes are damaged"};
  return view;
}

bool SketchView::read(std::string_view bytes) {
  count_ = total_ = unit_ = 0;
  excess_ = 0;
  min_ = max_ = range_ = first_bin_ = 0;
  if (bytes.empty()) return true;
  ByteReader reader(bytes);
  std::uint64_t header = 0;
  if (!reader.varint(header)) return false;
  const std::size_t size = bytes.size() - reader.remaining();
  count_ = header >> 1;
  weighted_ = (header & 1) != 0;
  if (count_ == 0 || size != varint_size(header)) return false;
  const std::string_view body = bytes.substr(size);
  return exact() ? read_exact(body) : read_binned(body);
}

bool SketchView::read_exact(std::string_view bytes) {
  ByteReader reader(bytes);
  sketch::WeightedValue last{};
  std::size_t size = 0;
  bool any_weight = false;
  unit_ = weighted_ ? 1 : sketch::kPlainWeight;
  for (std::size_t i = 0; i < count_; ++i) {
    std::uint32_t step = 0, weight = sketch::kPlainWeight;
    if (!reader.varint32(step) || step > 0xFFFFFFFF - last.value) return false;
    size += varint_size(step);
    if (weighted_) {
      if (!reader.varint32(weight) || weight == 0) return false;
      size += varint_size(weight);
      if (i > 0 && step == 0 && weight < last.weight) return false;
    }
    last = {last.value + step, weight};
    exact_[i] = last;
    any_weight |= weight != sketch::kPlainWeight;
    total_ += weighted_ ? weight : 1;
  }
  min_ = exact_[0].value;
  max_ = last.value;
  for (const auto& [value, weight] : exact_values()) {
    excess_ += static_cast<Uint128>(value - min_) * (weighted_ ? weight : 1);
  }
  return reader.done() && size == bytes.size() && any_weight == weighted_;
}

bool SketchView::read_binned(std::string_view bytes) {
  ByteReader reader(bytes);
  unit_ = sketch::kPlainWeight;
  total_ = count_;
  std::size_t size = 0;
  if (weighted_) {
    if (!reader.varint(unit_) || !reader.varint(total_)) return false;
    size += varint_size(unit_) + varint_size(total_);
  }
  const Uint128 weight = static_cast<Uint128>(total_) * unit_;
  if (weight > sketch::kTotalWeightMax || weight < count_) return false;
  std::uint32_t spread = 0;
  if (!reader.varint32(min_) || !reader.varint32(spread) || spread > 0xFFFFFFFF - min_ ||
      !read_varint128(reader, excess_)) {
    return false;
  }
  max_ = min_ + spread;
  size += varint_size(min_) + varint_size(spread) + varint128_size(excess_);
  if (bytes.size() - reader.remaining() != size) return false;  // Not the shortest form.
  const Uint128 weights = weighted_ ? weight : count_;
  if (excess_ > weights * spread) return false;
  first_bin_ = sketch::bin_of(min_);
  range_ = sketch::bin_of(max_) - first_bin_ + 1;
  return read_list(bytes.substr(size));
}

bool SketchView::read_list(std::string_view bytes) {
  if (range_ == 1) return bytes.empty();
  if (total_ < 2) return false;
  if (total_ == 2) return bytes.empty();
  const auto shape = by_position() ? sketch::EliasFanoShape(total_ - 2, range_ - 1)
                                   : sketch::EliasFanoShape(range_ - 1, total_ - 2);
  if (bytes.size() != shape.bytes()) return false;
  list_ = sketch::EliasFanoView(shape, bytes);
  return true;
}

bool SketchView::validate() const {
  if (exact()) return true;  // read() saw everything.
  Uint128 least = 0, most = 0;
  std::uint64_t divisor = 0;
  const bool sound = for_each_bin([&](std::uint32_t bin, std::uint64_t units) {
    const Uint128 weight = static_cast<Uint128>(units) * (weighted_ ? unit_ : 1);
    least += weight * (lower_of(bin) - min_);
    most += weight * (upper_of(bin) - min_);
    divisor = std::gcd(divisor, units);
  });
  return sound && excess_ >= least && excess_ <= most && (!weighted_ || divisor == 1);
}

std::optional<double> SketchView::mean() const {
  if (empty()) return std::nullopt;
  return static_cast<double>(weighted_sum()) / static_cast<double>(weight());
}

std::optional<double> SketchView::quantile(double q) const {
  if (empty()) return std::nullopt;
  if (!(q > 0)) return min_;
  if (q >= 1) return max_;
  return quantile_of_rank(rank_of(q, total_));
}

double SketchView::quantile_of_rank(std::uint64_t rank) const {
  if (rank <= 1) return min_;
  if (rank >= total_) return max_;
  if (exact()) {
    std::size_t i = 0;
    for (std::uint64_t through = 0; (through += weighted_ ? exact_[i].weight : 1) < rank;) ++i;
    return exact_[i].value;
  }
  const std::uint32_t bin = first_bin_ + offset_of_rank(rank);
  return sketch::representative(lower_of(bin), upper_of(bin));
}

// The bin of the unit at `rank`, 2..total_ - 1, counted from the first.
std::uint32_t SketchView::offset_of_rank(std::uint64_t rank) const {
  if (range_ == 1) return 0;
  const std::uint64_t offset =
      by_position() ? list_.get(static_cast<std::size_t>(rank) - 2) : list_.lower_bound(rank - 1);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(offset, range_ - 1));
}

// Units in the bins up to and with the one at `offset` < range_.
std::uint64_t SketchView::units_through(std::uint32_t offset) const {
  if (offset + 1 == range_) return total_;
  if (!by_position()) return std::min(list_.get(offset) + 1, total_);
  return 1 + (total_ == 2 ? 0 : list_.lower_bound(offset + 1));
}

std::optional<double> SketchView::fraction_at_most(std::uint32_t bound) const {
  if (empty()) return std::nullopt;
  if (bound < min_) return 0;
  if (bound >= max_) return 1;
  const auto total = static_cast<double>(total_);
  if (exact()) return static_cast<double>(exact_weight_at_most(bound)) / total;
  const std::uint32_t bin = sketch::bin_of(bound), offset = bin - first_bin_;
  const std::uint64_t before = offset == 0 ? 0 : units_through(offset - 1);
  const std::uint64_t through = std::max(units_through(offset), before);
  const std::uint32_t lower = lower_of(bin), upper = upper_of(bin);
  const double part =
      (static_cast<double>(bound - lower) + 1) / (static_cast<double>(upper - lower) + 1);
  return (static_cast<double>(before) + part * static_cast<double>(through - before)) / total;
}

std::uint64_t SketchView::exact_weight_at_most(std::uint32_t bound) const {
  std::uint64_t units = 0;
  for (const auto& [value, weight] : exact_values()) {
    if (value <= bound) units += weighted_ ? weight : 1;
  }
  return units;
}

std::vector<Sketch::Bin> SketchView::bins() const {
  std::vector<Sketch::Bin> bins;
  if (!exact()) {
    for_each_bin([&](std::uint32_t bin, std::uint64_t units) {
      bins.push_back({lower_of(bin), upper_of(bin), units * unit_});
    });
    return bins;
  }
  for (const auto& [value, weight] : exact_values()) {
    if (bins.empty() || bins.back().upper != value) bins.push_back({value, value, 0});
    bins.back().weight += weight;
  }
  return bins;
}

std::span<const sketch::WeightedValue> SketchView::exact_values() const {
  return {exact_.data(), static_cast<std::size_t>(count_)};
}

std::uint32_t SketchView::lower_of(std::uint32_t bin) const {
  return std::max(sketch::bin_lower(bin), min_);
}

std::uint32_t SketchView::upper_of(std::uint32_t bin) const {
  return std::min(sketch::bin_upper(bin), max_);
}

}  // namespace kpi
