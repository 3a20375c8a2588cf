// Known distributions to draw reports from, so that the truth about them is known.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

namespace kpi::test {

// SplitMix64: the same numbers everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // [0, 1)
  bool chance(double p) { return uniform() < p; }

 private:
  std::uint64_t state_;
};

// Whole milliseconds.
class Population {
 public:
  // Sign-in timings as they are: many small causes multiply. `sigma` is of the logarithm.
  // `tick`: timers that tell multiples of so many ms only.
  static Population log_normal(double median, double sigma, std::uint32_t tick = 1);
  // A share `fast` of them around one median, the others around another.
  static Population bimodal(double fast, double fast_median, double slow_median, double sigma);
  // How many of n independent trials succeed.
  static Population binomial(std::uint32_t n, double p);

  std::uint32_t draw(Random& random) const;
  std::uint32_t quantile(double q) const;  // The smallest value whose probability reaches q.
  double share_below(double bound) const;

 private:
  // `cumulative(i)` is the probability of values[i] and those before it.
  Population(std::vector<std::uint32_t> values, std::vector<double> cumulative);
  static Population rounded(const std::function<double(double)>& cumulative, std::uint32_t tick);

  std::vector<std::uint32_t> values_;
  std::vector<double> cumulative_;
  std::vector<std::uint32_t> guide_;  // Where to begin to look, by the top bits of a draw.
};

}  // namespace kpi::test
