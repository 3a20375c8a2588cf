#include "query/compare/quantile.h"

#include <algorithm>
#include <cmath>

#include "query/compare/distributions.h"

namespace kpi::query {
namespace {

// P(the value of rank r, a fraction allowed, lies above the quantile).
double above(double rank, double n, double q) { return 1 - beta_cdf(rank, n + 1 - rank, q); }

// The rank whose value lies above the quantile with probability `p`: `above` rises with the rank.
std::optional<double> rank_above(double p, double n, double q) {
  constexpr double kPrecision = 1e-6;  // Of a rank.
  const auto off = [=](double rank) { return above(rank, n, q) - p; };
  if (!(off(1) <= 0 && off(n) >= 0)) return std::nullopt;
  double low = 1, high = n;
  const double middle = n * q, spread = 4 + 3 * std::sqrt(n * q * (1 - q));
  for (const double guess : {middle - spread, middle, middle + spread}) {  // Most likely places.
    if (guess > low && guess < high) (off(guess) <= 0 ? low : high) = guess;
  }
  return root_between(off, low, high, kPrecision);
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
