// Repeatable randomness for generated load: the same seed gives the same reports everywhere.
#pragma once
#include <cstdint>
#include <vector>

namespace kpi::load {

// xoshiro256**; not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  double uniform();                      // [0, 1)
  std::uint32_t below(std::uint32_t n);  // 0..n-1; n >= 1.
  bool chance(double probability) { return uniform() < probability; }
  double normal();
  // Log-normal milliseconds around `median`, at least 1.
  std::uint32_t lognormal_ms(double median, double sigma);

 private:
  std::uint64_t state_[4];
};

// Indexes 0..n-1 with probability proportional to `weights`.
class WeightedChoice {
 public:
  explicit WeightedChoice(const std::vector<double>& weights);
  std::uint32_t draw(Random& random) const;

 private:
  std::vector<double> cumulative_;
};

}  // namespace kpi::load
