#include "query/compare/rate.h"

#include <algorithm>
#include <cmath>

#include "query/compare/distributions.h"

namespace kpi::query {
namespace {

struct Bounds {
  double lower = 0, upper = 1;
};

// Wilson 1927: the shares that a score test does not reject.
Bounds wilson(double share, double n, double alpha) {
  const double z = normal_upper(alpha / 2);
  const double zz = z * z;
  const double middle = (share + zz / (2 * n)) / (1 + zz / n);
  const double half = z / (1 + zz / n) * std::sqrt(share * (1 - share) / n + zz / (4 * n * n));
  return {std::clamp(middle - half, 0.0, share), std::clamp(middle + half, share, 1.0)};
}

// Clopper and Pearson 1934: the shares that neither tail of the binomial rejects.
Bounds clopper_pearson(double share, double n, double alpha) {
  const double hits = share * n;
  const double misses = n - hits;
  Bounds out;
  if (hits > 0) out.lower = std::min(beta_lower(hits, misses + 1, alpha / 2), share);
  if (misses > 0) out.upper = std::max(beta_upper(hits + 1, misses, alpha / 2), share);
  return out;
}

double rarer(double share, double n) { return std::min(share, 1 - share) * n; }

// A hair of tolerance: a share of 0.9 of 100 events has 10 misses, whatever its last bit says.
constexpr double kHair = 1e-9;

Bounds bounds(double share, double n, double alpha) {
  const bool rare = rarer(share, n) < kWilsonEventsMin - kHair;
  return rare ? clopper_pearson(share, n, alpha) : wilson(share, n, alpha);
}

}  // namespace

Estimate rate_estimate(const Rate& rate, double alpha) {
  Estimate out;
  out.value = (rate.low + rate.high) / 2;
  out.lower = bounds(rate.low, rate.n, alpha).lower;
  out.upper = bounds(rate.high, rate.n, alpha).upper;
  out.stepwise =
      std::min(rarer(rate.low, rate.n), rarer(rate.high, rate.n)) < kStepEventsMin - kHair;
  return out;
}

}  // namespace kpi::query
