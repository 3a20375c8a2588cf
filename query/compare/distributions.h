// Distribution functions that intervals are made of. They never throw.
#pragma once
#include <functional>

namespace kpi::query {

// The z that a standard normal value exceeds with probability `tail`. Requires 0 < tail < 1.
double normal_upper(double tail);
// P(X <= x) of a beta distribution. Requires a, b > 0 and 0 <= x <= 1.
double beta_cdf(double a, double b, double x);
// The x with P(X <= x) = p, and with P(X > x) = p. Require a, b > 0 and 0 < p < 1.
double beta_lower(double a, double b, double p);
double beta_upper(double a, double b, double p);
// Where `f` is 0 between `low` and `high`, to `precision`. Requires that f is continuous and
// f(low) <= 0 <= f(high).
double root_between(const std::function<double(double)>& f, double low, double high,
                    double precision);

}  // namespace kpi::query
