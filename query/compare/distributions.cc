#include "query/compare/distributions.h"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>

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

}  // namespace kpi::query
