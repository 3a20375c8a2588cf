// Sums that stop at the top instead of starting again at 0: still associative and commutative, and
// no input can make a count small.
#pragma once
#include <cstdint>

namespace kpi {

inline std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

}  // namespace kpi
