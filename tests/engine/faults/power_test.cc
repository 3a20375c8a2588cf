// Promise P1: what was answered is on disk. The power goes at a random operation, and
// everything that was not synced, bytes and directory entries, is lost or comes back in part;
// nothing answered is lost, and no later batch is there without an earlier one.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/engine/faults/child_run.h"
#include "tests/engine/faults/fault_file_system.h"
#include "tests/engine/faults/store_life.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

constexpr int kCutsOfACommit = 60;
constexpr std::uint64_t kOperationsMax = 1000;  // About a life.

enum Ended { kWhole = 0, kCut = 2, kNotCut = 3 };

// A store that has its power cut several times in its life.
int run_with(std::uint64_t seed, int* cuts) {
  std::mt19937_64 rng(seed);
  const TempDir dir;
  const Ledger ledger;
  const LifePlan plan{dir.path() / "store"};
  for (int round = 0; round < 3; ++round) {
    const Fault fault{FaultKind::kPowerCut, 1 + rng() % kOperationsMax};
    const std::uint64_t losses = rng();
    const int ended = run_child([&] {
      FaultDisk disk(fault, dir.path() / "shadows");
      const FaultyStorage storage(disk);
      const auto cut = [&] {
        std::mt19937_64 of_losses(losses);
        disk.lose_unsynced(of_losses);
        _exit(kCut);
      };
      // What a process does once the power is off does not matter.
      when_aborted = [&] {
        if (disk.fired()) cut();
      };
      live(plan, ledger);
      if (disk.fired()) cut();
      return kNotCut;
    });
    if (ended != kCut && ended != kNotCut) return ended;
    const int left = run_child([&] {
      check_left(plan, ledger);
      return kWhole;
    });
    if (left != kWhole) return left;
    *cuts += ended == kCut;
  }
  return kCut;
}

TEST(PowerCut, LosesNothingAnsweredAndLeavesNoHole) {
  const int seconds = torture_seconds();
  const char* seed_text = std::getenv("KPI_SEED");
  std::uint64_t seed = seed_text == nullptr ? 1 : std::strtoull(seed_text, nullptr, 10);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  int runs = 0, cuts = 0, violations = 0;
  while (seconds > 0 ? std::chrono::steady_clock::now() < until : cuts < kCutsOfACommit) {
    const int ended = run_with(seed, &cuts);
    ++runs;
    if (ended != kCut) {
      ++violations;
      ADD_FAILURE() << "seed " << seed << ": status " << ended;
      if (violations > 5) break;
    }
    ++seed;
  }
  std::printf("torture: power_cuts runs=%d faults=%d violations=%d\n", runs, cuts, violations);
}

}  // namespace
}  // namespace kpi::test
