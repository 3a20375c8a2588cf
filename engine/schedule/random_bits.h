// Where the engine's random bits come from: the operating system, or a simulation's seed.
#pragma once
#include <cstdint>
#include <functional>

namespace kpi {

std::uint64_t random_bits();

// For simulations; nullptr: the operating system again. Not while a store is being opened.
void replace_random_bits(std::function<std::uint64_t()> source);

}  // namespace kpi
