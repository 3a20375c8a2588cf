#include "engine/schedule/random_bits.h"

#include <random>
#include <utility>

namespace kpi {
namespace {

std::function<std::uint64_t()> replacement;

}  // namespace

std::uint64_t random_bits() {
  if (replacement) return replacement();
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

void replace_random_bits(std::function<std::uint64_t()> source) { replacement = std::move(source); }

}  // namespace kpi
