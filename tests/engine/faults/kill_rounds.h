// A child process that writes to a store and is killed at any moment, again and again.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "tests/engine/faults/ledger.h"

namespace kpi::test {

// Of a child: says why on standard error and ends with 1, which fails the round.
[[noreturn]] void give_up(const std::string& message);

// Each round forks a child that runs `run_child` (which never returns; it opens the store, checks
// it against the ledger and writes until it dies) and kills it at some moment after up to
// `batches_max` more batches were acknowledged. KPI_CRASH_ROUNDS and KPI_SEED replace `rounds` and
// the seed. Fails the test where a child ends by itself. No thread may run in this process.
// In the long form it goes on for so long, and prints its line under `name`.
void kill_again_and_again(const std::string& name, int rounds, std::uint64_t batches_max,
                          const Ledger& ledger,
                          const std::function<void(std::uint64_t seed)>& run_child);

}  // namespace kpi::test
