// The cells of the proof: which populations, sizes and differences the intervals must hold for.
#pragma once
#include <string>
#include <vector>

#include "tests/query/compare/simulation.h"

namespace kpi::test {

// Runs every cell of a kind, with `runs` for each of its sizes, prints a table and gives back what
// is wrong with any of them, one line each.
struct Size {
  std::uint32_t n = 0;
  std::size_t runs = 0;
};
// Log-normal and bimodal timings, alike and 5 % slower: p50, p95, p99.
std::string check_quantiles(const std::vector<Size>& sizes, std::uint64_t seed);
// Rates near 0.5 and near 0.99, alike and different, and the share of timings below a bound.
std::string check_rates(const std::vector<Size>& sizes, std::uint64_t seed);
// Timings of coarse timers, and a median in a gap: never too narrow, though ties may make it wide.
std::string check_lumps(const std::vector<Size>& sizes, std::uint64_t seed);
// Sampled reports, of one rate, of two, and by outcome; and attempts, some of which fail.
std::string check_sampled(const std::vector<Size>& sizes, std::uint64_t seed);

// A small trial against a large control, ten times its size.
std::string check_uneven(const std::vector<Size>& sizes, std::uint64_t seed);

// Prints the cells and collects their complaints.
std::string report(const std::vector<CellResult>& cells, bool upper = true);

}  // namespace kpi::test
