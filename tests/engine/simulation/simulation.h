// The whole life of a store in one thread, everything of it drawn from a seed: batches, retries,
// queries, seals, ageing, restarts, failing disks, power cuts and clocks that are set, against an
// exact model. In a process of its own: what goes wrong ends it with 1 and a line on stderr.
#pragma once
#include <cstdint>

namespace kpi::test {

struct SimulationResult {
  std::uint64_t trace = 0;   // A hash of all that happened, down to each operation of the disk.
  std::uint64_t notes = 0;   // What it is made of.
  std::uint64_t faults = 0;  // Power cuts, kills and errors of the disk that struck.
};

SimulationResult simulate(std::uint64_t seed);

}  // namespace kpi::test
