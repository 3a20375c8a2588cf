#include "tools/kpi_load/random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace kpi::load {

Random::Random(std::uint64_t seed) {
  for (auto& word : state_) {  // splitmix64, so that seed 0 is as good as any.
    seed += 0x9E3779B97F4A7C15ULL;
    std::uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    word = mixed ^ (mixed >> 31);
  }
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

std::uint32_t Random::below(std::uint32_t n) {
  return static_cast<std::uint32_t>((static_cast<std::uint64_t>(next() >> 32) * n) >> 32);
}

double Random::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::uint32_t Random::lognormal_ms(double median, double sigma) {
  constexpr double kLongestMs = 180'000;  // Three parts stay below the 600,000 ms of admission.
  const double ms = std::min(median * std::exp(sigma * normal()), kLongestMs);
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(ms + 0.5));
}

WeightedChoice::WeightedChoice(const std::vector<double>& weights) {
  double sum = 0;
  for (const double weight : weights) cumulative_.push_back(sum += weight);
  for (double& bound : cumulative_) bound /= sum;
}

std::uint32_t WeightedChoice::draw(Random& random) const {
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), random.uniform());
  const auto index = static_cast<std::uint32_t>(found - cumulative_.begin());
  return std::min(index, static_cast<std::uint32_t>(cumulative_.size() - 1));
}

}  // namespace kpi::load
