// Promise P10: an error of any operation of the disk stops the store cleanly. Promise P2: what was
// answered is there afterwards exactly once, what was not is there whole or not at all. Each
// operation of a store's whole life fails once, until a life meets no fault any more.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <string>

#include "tests/engine/faults/child_run.h"
#include "tests/engine/faults/fault_file_system.h"
#include "tests/engine/faults/store_life.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

enum Ended { kWhole = 0, kFaultFired = 2, kNoFaultLeft = 3 };

struct Life {
  int ended = kWhole;
  std::uint64_t operations = 0;  // That could have failed so.
};

Life run_with(const Fault& fault, std::uint32_t rounds = LifePlan{}.rounds) {
  const TempDir dir;
  const Ledger ledger;
  LifePlan plan{dir.path() / "store", rounds};
  // As the server has it: a compaction without a first file fails an assertion of RocksDB, but only
  // after the store has stopped.
  plan.on_fatal = [](const Error&) { when_aborted = [] { _exit(kFaultFired); }; };
  const auto count = dir.path() / "operations";
  const int ended = run_child([&] {
    FaultDisk disk(fault, dir.path() / "shadows");
    const FaultyStorage storage(disk);
    live(plan, ledger);
    std::ofstream(count) << disk.operations();
    return disk.fired() ? kFaultFired : kNoFaultLeft;
  });
  const int left = run_child([&] {
    check_left(plan, ledger);
    return kWhole;
  });
  Life life{left == kWhole ? ended : left};
  std::ifstream(count) >> life.operations;
  return life;
}

struct Scenario {
  const char* name;
  FaultKind kind;
  bool sticky;
  std::uint64_t runs_of_a_commit;
  std::optional<Operation> only = {};
};

// 1, 2, ... `count` in an order that is spread evenly however early it is broken off.
std::uint64_t spread(std::uint64_t i, std::uint64_t count) {
  std::uint64_t stride = count * 618 / 1000 + 1;
  while (std::gcd(stride, count) != 1) ++stride;
  return 1 + i * stride % count;
}

class Faults : public testing::TestWithParam<Scenario> {};

constexpr int kScenarios = 12;  // They share the time of the long form.

// A commit tries so many operations, the long form all of them, and again while it has time.
// $KPI_FAULT_AT: that one alone.
TEST_P(Faults, StopTheStoreCleanlyWhateverOperationFails) {
  const auto& [name, kind, sticky, runs_of_a_commit, only] = GetParam();
  const int seconds = (torture_seconds() + kScenarios - 1) / kScenarios;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const Life whole = run_with({kind, 0, sticky, only});
  ASSERT_EQ(whole.ended, kNoFaultLeft);
  ASSERT_GT(whole.operations, 0U);
  const char* const alone = std::getenv("KPI_FAULT_AT");
  const std::uint64_t at_most = alone != nullptr ? 1 : std::min(runs_of_a_commit, whole.operations);
  std::uint64_t runs = 0, fired = 0, violations = 0;
  while (runs == 0 || (seconds > 0 ? std::chrono::steady_clock::now() < until : runs < at_most)) {
    const std::uint64_t at =
        alone != nullptr ? std::strtoull(alone, nullptr, 10) : spread(runs, whole.operations);
    const int ended = run_with({kind, at, sticky, only}).ended;
    ++runs;
    fired += ended == kFaultFired;
    if (ended != kFaultFired && ended != kNoFaultLeft) {
      ++violations;
      ADD_FAILURE() << "operation " << at << " failed: status " << ended;
    }
    if (violations > 5) break;
  }
  std::printf("torture: faults_%s runs=%llu faults=%llu violations=%llu\n", name,
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(fired),
              static_cast<unsigned long long>(violations));
  EXPECT_GE(2 * fired, runs) << "of " << whole.operations << " operations";
}

// Write 1, 2, 3, ... fails, and all after it, until a life, if a short one, has no fault left.
TEST(FaultsOfAShortLife, StopTheStoreCleanlyAtEveryWrite) {
  constexpr std::uint32_t kRounds = 2;
  std::uint64_t at = 0;
  int ended = kFaultFired;
  while (ended == kFaultFired) {
    ++at;
    ended = run_with({FaultKind::kIo, at, true, Operation::kAppend}, kRounds).ended;
  }
  EXPECT_EQ(ended, kNoFaultLeft) << "write " << at << " failed";
  EXPECT_GT(at, 20U);
  std::printf("torture: faults_every_write runs=%llu faults=%llu violations=%d\n",
              static_cast<unsigned long long>(at), static_cast<unsigned long long>(at - 1),
              ended != kNoFaultLeft);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Faults,
    testing::Values(Scenario{"io_once", FaultKind::kIo, false, 12},
                    Scenario{"io_sticky", FaultKind::kIo, true, 12},
                    Scenario{"space_once", FaultKind::kNoSpace, false, 8},
                    Scenario{"space_sticky", FaultKind::kNoSpace, true, 8},
                    Scenario{"short_write", FaultKind::kShortWrite, false, 6},
                    Scenario{"read_once", FaultKind::kIo, false, 8, Operation::kRead},
                    Scenario{"read_sticky", FaultKind::kIo, true, 5, Operation::kRead},
                    Scenario{"sync_once", FaultKind::kIo, false, 6, Operation::kSync},
                    Scenario{"create_space", FaultKind::kNoSpace, false, 5, Operation::kCreate},
                    Scenario{"rename_once", FaultKind::kIo, false, 5, Operation::kRename},
                    Scenario{"rename_space", FaultKind::kNoSpace, true, 3, Operation::kRename},
                    Scenario{"delete_once", FaultKind::kIo, false, 4, Operation::kDelete}),
    [](const auto& scenario) { return std::string(scenario.param.name); });

}  // namespace
}  // namespace kpi::test
