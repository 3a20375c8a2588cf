#include "query/compare/difference.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kpi::query {
namespace {

// Infinity - Infinity is anything: `unknown` is the bound that claims nothing.
double minus(double left, double right, double unknown) {
  const double out = left - right;
  return std::isnan(out) ? unknown : out;
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool leaves_out_zero(const std::optional<Range>& range) {
  return range && (range->lower > 0 || range->upper < 0);
}

// Where the rank falls among the failures of both sides, any difference would do.
bool says_nothing(const Range& range) {
  return range.lower == -kInfinity && range.upper == kInfinity;
}

// Halves the ratio of the bounds until it is known to a part in a thousand.
double p_value(const Side& baseline, const Side& candidate, double shown, double low, double high) {
  constexpr double kPrecision = 1.001;
  while (high / low > kPrecision) {
    const double alpha = std::sqrt(low * high);
    const bool out = leaves_out_zero(interval_at(baseline, candidate, shown, alpha));
    (out ? high : low) = alpha;
  }
  return high;
}

}  // namespace

Range mover(const Estimate& baseline, const Estimate& candidate) {
  const bool infinite = std::isinf(baseline.value) || std::isinf(candidate.value);
  if (infinite || (baseline.stepwise && candidate.stepwise)) {
    return {minus(candidate.lower, baseline.upper, -kInfinity),
            minus(candidate.upper, baseline.lower, kInfinity)};
  }
  const double value = candidate.value - baseline.value;
  return {value - std::hypot(candidate.value - candidate.lower, baseline.upper - baseline.value),
          value + std::hypot(candidate.upper - candidate.value, baseline.value - baseline.lower)};
}

std::optional<Range> interval_at(const Side& baseline, const Side& candidate, double shown,
                                 double alpha) {
  const auto before = baseline(alpha);
  if (!before) return std::nullopt;
  const auto after = candidate(alpha);
  if (!after) return std::nullopt;
  Range range = mover(*before, *after);
  if (!std::isnan(shown)) {
    range.lower = std::min(range.lower, shown);
    range.upper = std::max(range.upper, shown);
  }
  return range;
}

std::optional<Difference> difference(const Side& baseline, const Side& candidate, double shown) {
  const auto range = interval_at(baseline, candidate, shown, kSignificance);
  if (!range || says_nothing(*range)) return std::nullopt;
  Difference out{*range, 1};
  if (leaves_out_zero(range)) {
    const bool least = leaves_out_zero(interval_at(baseline, candidate, shown, kPValueMin));
    out.p_value =
        least ? kPValueMin : p_value(baseline, candidate, shown, kPValueMin, kSignificance);
  } else if (leaves_out_zero(interval_at(baseline, candidate, shown, 1))) {
    out.p_value = p_value(baseline, candidate, shown, kSignificance, 1);
  }
  return out;
}

}  // namespace kpi::query
