#include "query/compare/quantile.h"

#include <algorithm>
#include <cmath>

#include "query/compare/distributions.h"

namespace kpi::query {
namespace {

// P(the value of rank r, a fraction allowed, lies above the quantile).
double above(double rank, double n, double q) { return 1 - beta_cdf(rank, n + 1 - rank, q); }

// The rank whose value lies above the quantile with probability `p`: `above` rises with the rank,
// so that halves and secants close in on it.
std::optional<double> rank_above(double p, double n, double q) {
  constexpr double kPrecision = 1e-4;  // Of a rank.
  constexpr int kSteps = 200;
  double low = 1, high = n;
  double low_off = above(low, n, q) - p, high_off = above(high, n, q) - p;
  if (!(low_off <= 0 && high_off >= 0)) return std::nullopt;
  const double spread =
      4 + 6 * std::sqrt(n * q * (1 - q));  // All but a few of the ranks it may be.
  for (const double guess : {n * q - spread, n * q + spread}) {
    if (guess <= low || guess >= high) continue;
    const double off = above(guess, n, q) - p;
    (off < 0 ? low : high) = guess;
    (off < 0 ? low_off : high_off) = off;
  }
  for (int step = 0; step < kSteps && high - low > kPrecision; ++step) {
    double rank = (low + high) / 2;
    if (step % 3 != 0) rank = low - low_off * (high - low) / (high_off - low_off);
    rank = std::clamp(rank, low + kPrecision / 4, high - kPrecision / 4);
    const double off = above(rank, n, q) - p;
    (off < 0 ? low : high) = rank;
    (off < 0 ? low_off : high_off) = off;
  }
  return (low + high) / 2;
}

}  // namespace

std::optional<Estimate> quantile_estimate(const RankedValues& values, double q, double alpha) {
  const double n = values.n();
  if (values.empty() || n < 2 || !(q > 0 && q < 1)) return std::nullopt;
  const auto low = rank_above(alpha / 2, n, q);
  const auto high = rank_above(1 - alpha / 2, n, q);
  if (!low || !high) return std::nullopt;
  Estimate out;
  out.lower = values.lower(*low);
  out.upper = values.upper(*high);
  out.value = values.middle(std::clamp(std::ceil(q * n - 1e-7), 1.0, n));
  out.value = std::clamp(out.value, out.lower, out.upper);
  const double spread = 2 * std::sqrt(n * q * (1 - q));  // Whatever alpha, so that bounds nest.
  out.stepwise =
      values.stepwise(std::clamp(q * n - spread, 1.0, n), std::clamp(q * n + spread, 1.0, n));
  return out;
}

}  // namespace kpi::query
