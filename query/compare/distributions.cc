#include "query/compare/distributions.h"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>

namespace kpi::query {
namespace {

namespace policies = boost::math::policies;
// double is exact enough, and what cannot be computed is NaN or a bound instead of an exception.
constexpr policies::policy<
    policies::promote_double<false>, policies::domain_error<policies::ignore_error>,
    policies::pole_error<policies::ignore_error>, policies::overflow_error<policies::ignore_error>,
    policies::underflow_error<policies::ignore_error>,
    policies::rounding_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>>
    kQuiet;

}  // namespace

double normal_upper(double tail) {
  return std::sqrt(2.0) * boost::math::erfc_inv(2 * tail, kQuiet);
}

double beta_cdf(double a, double b, double x) { return boost::math::ibeta(a, b, x, kQuiet); }

double beta_lower(double a, double b, double p) {
  return boost::math::ibeta_inv(a, b, p, static_cast<double*>(nullptr), kQuiet);
}

double beta_upper(double a, double b, double p) {
  return boost::math::ibetac_inv(a, b, p, static_cast<double*>(nullptr), kQuiet);
}

double root_between(const std::function<double(double)>& f, double low, double high,
                    double precision) {
  const double at_low = f(low), at_high = f(high);
  if (at_low >= 0) return low;
  if (at_high <= 0) return high;
  std::uintmax_t steps = 100;
  const auto near = [precision](double a, double b) { return b - a <= precision; };
  const auto found =
      boost::math::tools::toms748_solve(f, low, high, at_low, at_high, near, steps, kQuiet);
  return (found.first + found.second) / 2;
}

}  // namespace kpi::query
