// Promise P10: an error of any operation of the disk stops the store cleanly. Promise P2: what was
// answered is there afterwards exactly once, what was not is there whole or not at all. Every
// operation 1, 2, 3, ... fails until a whole life of a store meets no fault any more.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/engine/faults/child_run.h"
#include "tests/engine/faults/fault_file_system.h"
#include "tests/engine/faults/store_life.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

enum Ended { kWhole = 0, kFaultFired = 2, kNoFaultLeft = 3 };

int run_with(const Fault& fault) {
  const TempDir dir;
  const Ledger ledger;
  LifePlan plan{dir.path() / "store"};
  // As the server has it: a compaction without a first file fails an assertion of RocksDB, but only
  // after the store has stopped.
  plan.on_fatal = [](const Error&) { when_aborted = [] { _exit(kFaultFired); }; };
  const int ended = run_child([&] {
    FaultDisk disk(fault, dir.path() / "shadows");
    const FaultyStorage storage(disk);
    live(plan, ledger);
    return disk.fired() ? kFaultFired : kNoFaultLeft;
  });
  const int left = run_child([&] {
    check_left(plan, ledger);
    return kWhole;
  });
  return left == kWhole ? ended : left;
}

struct Scenario {
  const char* name;
  FaultKind kind;
  bool sticky;
};

constexpr int kScenarios = 5;  // They share the time of the long form.

class Faults : public testing::TestWithParam<Scenario> {};

// A commit tries each `step`th operation, the long form all; both from $KPI_FAULT_AT (1) on.
TEST_P(Faults, StopTheStoreCleanlyWhateverOperationFails) {
  const int seconds = (torture_seconds() + kScenarios - 1) / kScenarios;
  const std::uint64_t step = seconds > 0 ? 1 : 19;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::uint64_t runs = 0, fired = 0, violations = 0;
  int ended = kFaultFired;
  const char* first = std::getenv("KPI_FAULT_AT");
  for (std::uint64_t at = first == nullptr ? 1 : std::strtoull(first, nullptr, 10);
       ended != kNoFaultLeft; at += step) {
    ended = run_with({GetParam().kind, at, GetParam().sticky});
    ++runs;
    fired += ended == kFaultFired;
    if (ended != kFaultFired && ended != kNoFaultLeft) {
      ++violations;
      ADD_FAILURE() << "operation " << at << " failed: status " << ended;
    }
    if (violations > 5 || (seconds > 0 && std::chrono::steady_clock::now() > until)) break;
  }
  std::printf("torture: faults_%s runs=%llu faults=%llu violations=%llu\n", GetParam().name,
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(fired),
              static_cast<unsigned long long>(violations));
  EXPECT_GT(fired, 10U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Faults,
                         testing::Values(Scenario{"io_once", FaultKind::kIo, false},
                                         Scenario{"io_sticky", FaultKind::kIo, true},
                                         Scenario{"space_once", FaultKind::kNoSpace, false},
                                         Scenario{"space_sticky", FaultKind::kNoSpace, true},
                                         Scenario{"short_write", FaultKind::kShortWrite, false}),
                         [](const auto& scenario) { return std::string(scenario.param.name); });

}  // namespace
}  // namespace kpi::test
