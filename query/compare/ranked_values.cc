#include "query/compare/ranked_values.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kpi::query {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// A rank that was computed to lie on a boundary of bins lies on it.
constexpr double kHair = 1e-7;

}  // namespace

RankedValues::RankedValues(const Sketch& sketch, std::uint64_t infinite, double n) : n_(n) {
  const double total = static_cast<double>(sketch.weight()) + static_cast<double>(infinite);
  std::uint64_t before = 0;
  const auto events = [&](std::uint64_t weight) { return static_cast<double>(weight) / total * n; };
  for (const Sketch::Bin& bin : sketch.bins()) {
    bins_.push_back({static_cast<double>(bin.lower), static_cast<double>(bin.upper), events(before),
                     events(bin.weight)});
    before += bin.weight;
  }
  if (infinite > 0) bins_.push_back({kInfinity, kInfinity, events(before), events(infinite)});
}

// Counts of bins around a smooth place differ from the mean of their neighbours (which takes out
// a slope) by no more than chance: the mean square of that, in units of its variance, is 1. With
// gaps between bins, or with a mean square of 3, which chance gives in one place of a hundred, the
// values may lie in lumps.
bool RankedValues::smooth(std::size_t at) const {
  constexpr std::size_t kReach = 4;
  constexpr double kMeanSquareMax = 3;
  if (at < kReach || at + kReach >= bins_.size()) return false;
  const auto width = [&](std::size_t i) { return bins_[i].upper - bins_[i].lower + 1; };
  const auto density = [&](std::size_t i) { return bins_[i].count / width(i); };
  double mean = 0;
  for (std::size_t i = at - kReach; i <= at + kReach; ++i) {
    if (i > at - kReach && bins_[i].lower != bins_[i - 1].upper + 1) return false;
    mean += density(i) / (2 * kReach + 1);
  }
  double squares = 0;
  for (std::size_t i = at - kReach + 1; i < at + kReach; ++i) {
    const double off = density(i) - (density(i - 1) + density(i + 1)) / 2;
    const double variance = mean * (1 / width(i) + 1 / (4 * width(i - 1)) + 1 / (4 * width(i + 1)));
    squares += off * off / variance;
  }
  return squares / (2 * kReach - 1) <= kMeanSquareMax;
}

std::size_t RankedValues::bin_of(double rank) const {
  const auto after = std::partition_point(bins_.begin(), bins_.end(), [&](const Bin& bin) {
    return bin.before + bin.count < rank - kHair;
  });
  return after == bins_.end() ? bins_.size() - 1 : static_cast<std::size_t>(after - bins_.begin());
}

bool RankedValues::stepwise(double low, double high) const {
  const std::size_t first = bin_of(low), last = bin_of(high);
  return last - first < kStepsMin && !(smooth(first) && smooth(last));
}

double RankedValues::value(double rank, Edge edge) const {
  const std::size_t at = bin_of(rank);
  const Bin& bin = bins_[at];
  if (bin.lower == bin.upper) return bin.lower;
  if (smooth(at)) {  // The k-th of c values that are spread evenly over the bin.
    const double part = (rank - bin.before) / (bin.count + 1);
    const double value = bin.lower - 0.5 + part * (bin.upper - bin.lower + 1);
    return std::clamp(value, bin.lower, bin.upper);
  }
  if (edge == Edge::kMiddle) return (bin.lower + bin.upper) / 2;
  return edge == Edge::kLower ? bin.lower : bin.upper;
}

double RankedValues::between(double rank, Edge edge) const {
  const double floor = std::floor(rank);
  const double low = value(floor, edge);
  const double part = rank - floor;
  if (part < kHair) return low;
  const double high = value(std::min(floor + 1, n_), edge);
  if (std::isinf(high)) return edge == Edge::kLower ? low : high;  // No way between the two.
  return low + part * (high - low);
}

RankedValues::Share RankedValues::share_below(double bound) const {
  const auto after = std::partition_point(bins_.begin(), bins_.end(),
                                          [&](const Bin& bin) { return bin.upper < bound; });
  if (after == bins_.end()) return {1, 1};
  const double low = after->before / n_;
  if (after->lower >= bound) return {low, low};
  const double high = std::min((after->before + after->count) / n_, 1.0);
  if (!smooth(static_cast<std::size_t>(after - bins_.begin()))) return {low, high};
  const double integers = std::ceil(bound) - after->lower;  // Of the bin, below the bound.
  const double part = integers / (after->upper - after->lower + 1);
  return {low + part * (high - low), low + part * (high - low)};
}

}  // namespace kpi::query
