#include "tests/query/compare/population.h"

#include <algorithm>
#include <cmath>

namespace kpi::test {
namespace {

constexpr std::size_t kGuideSize = 65'536;
constexpr double kTail = 1e-10;  // Left out at either end.

double normal(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

double log_normal_below(double x, double median, double sigma) {
  return x <= 0 ? 0 : normal(std::log(x / median) / sigma);
}

}  // namespace

std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

Population::Population(std::vector<std::uint32_t> values, std::vector<double> cumulative)
    : values_(std::move(values)), cumulative_(std::move(cumulative)) {
  cumulative_.back() = 1;
  std::size_t at = 0;
  for (std::size_t i = 0; i < kGuideSize; ++i) {
    while (cumulative_[at] < static_cast<double>(i) / kGuideSize) ++at;
    guide_.push_back(static_cast<std::uint32_t>(at));
  }
}

Population Population::rounded(const std::function<double(double)>& cumulative,
                               std::uint32_t tick) {
  std::vector<std::uint32_t> values;
  std::vector<double> sums;
  double last = 0;
  for (std::uint32_t value = 0; last < 1 - kTail; value += tick) {
    const double sum = cumulative(value + tick / 2.0);
    if (sum < kTail) continue;
    values.push_back(value);
    sums.push_back(sum);
    last = sum;
  }
  return {std::move(values), std::move(sums)};
}

Population Population::log_normal(double median, double sigma, std::uint32_t tick) {
  return rounded([=](double x) { return log_normal_below(x, median, sigma); }, tick);
}

Population Population::bimodal(double fast, double fast_median, double slow_median, double sigma) {
  return rounded(
      [=](double x) {
        return fast * log_normal_below(x, fast_median, sigma) +
               (1 - fast) * log_normal_below(x, slow_median, sigma);
      },
      1);
}

Population Population::binomial(std::uint32_t n, double p) {
  std::vector<std::uint32_t> values;
  std::vector<double> sums;
  double sum = 0;
  for (std::uint32_t k = 0; k <= n; ++k) {
    const double ways = std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
    sum += std::exp(ways + k * std::log(p) + (n - k) * std::log1p(-p));
    if (sum < kTail) continue;
    values.push_back(k);
    sums.push_back(sum);
    if (sum > 1 - kTail) break;
  }
  return {std::move(values), std::move(sums)};
}

std::uint32_t Population::draw(Random& random) const {
  const std::uint64_t bits = random.next();
  const double u = static_cast<double>(bits >> 11) * 0x1p-53;
  std::size_t at = guide_[bits >> 48];
  while (cumulative_[at] < u) ++at;
  return values_[at];
}

std::uint32_t Population::quantile(double q) const {
  const auto at = std::lower_bound(cumulative_.begin(), cumulative_.end(), q);
  return values_[static_cast<std::size_t>(at - cumulative_.begin())];
}

double Population::share_below(double bound) const {
  const auto at = std::lower_bound(values_.begin(), values_.end(), bound);
  if (at == values_.begin()) return 0;
  return cumulative_[static_cast<std::size_t>(at - values_.begin()) - 1];
}

}  // namespace kpi::test
