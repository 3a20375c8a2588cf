// Draws both sides of a comparison again and again, and counts how often the interval holds the
// truth.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "query/compare/compare_plan.h"
#include "query/compare/difference.h"
#include "tests/query/compare/population.h"

namespace kpi::test {

enum class Sampling {
  kAll,        // Every report counts once.
  kTenth,      // Every report counts ten times.
  kMixed,      // Half of the reports count ten times.
  kByOutcome,  // Of successes one in ten is reported and counts ten times; failures all are.
};

// One side: so many attempts, a share of which fails; the others take a time of `times`.
struct Attempts {
  const Population* times = nullptr;  // Null: none is measured.
  double failure_share = 0;
  std::uint32_t n = 0;
  Sampling sampling = Sampling::kAll;
};

struct Setting {
  std::string name;
  Attempts baseline, candidate;
  std::size_t runs = 2000;
  std::uint64_t seed = 1;
  double alpha = query::kSignificance;
};

struct CellResult {
  std::string setting, aggregate;
  std::uint32_t n = 0;
  std::size_t runs = 0, answered = 0;  // The others were too few.
  double coverage = 0;                 // Of the answered.
  double seen = 0;                     // Share whose interval leaves out 0.
  double expected = 0;                 // Events on the rarer side of the quantile or rate.
};

// Aggregates by name: "p50", "p95", "p99", "p50 of attempts", "success_rate", "below 1000". Their
// intervals are those that COMPARE answers.
std::vector<CellResult> simulate(const Setting& setting,
                                 const std::vector<std::string>& aggregates);

inline constexpr double kCoverageMin = 0.935;
inline constexpr double kCoverageMax = 0.975;
inline constexpr double kExpectedMin = 25;  // From there on, kCoverageMax is asked for.

// Empty, or what is wrong with the coverage of a cell. `upper` as well, where it is asked for.
std::string complaint(const CellResult& cell, bool upper = true);
std::string row_text(const CellResult& cell);

}  // namespace kpi::test
