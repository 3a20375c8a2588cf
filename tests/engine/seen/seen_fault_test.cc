// Promise P3: an error of the disk at any write: a batch and its request key are both there or both
// not, so that what is sent again until it is answered is stored exactly once.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "tests/engine/faults/child_run.h"
#include "tests/engine/faults/fault_file_system.h"
#include "tests/engine/store_events.h"
#include "tests/support/collecting_sink.h"

namespace kpi::test {
namespace {

enum Ended { kWhole = 0, kKeyAlone = 1, kBatchAlone = 2, kNoFaultLeft = 3, kNotAnswered = 4 };

constexpr int kRequests = 3;

// Whether it was answered.
bool send(Engine& engine, int number) {
  CollectingSink sink;
  PendingAppend append;
  append.batch = batch_of(1, kNow - kHourMs + number);
  append.request = {"request " + std::to_string(number), 1, "answer"};
  append.sink = &sink;
  engine.submit(&append);
  (void)sink.wait_for(1);
  return append.status.ok();
}

// Whether all went well.
bool live(const EngineOptions& options) {
  const auto engine = Engine::open(options);
  if (!engine.ok()) return false;
  for (int number = 0; number < kRequests; ++number) {
    if (!send(*engine.value(), number)) return false;
  }
  return engine.value()->close().ok();
}

// All requests again: a key without its batch leaves one out, a batch without its key is doubled.
int send_again(const EngineOptions& options) {
  const auto engine = Engine::open(options);
  if (!engine.ok()) return kNotAnswered;
  for (int number = 0; number < kRequests; ++number) {
    if (!send(*engine.value(), number)) return kNotAnswered;
  }
  const std::uint64_t events = count(*engine.value());
  if (events == kRequests) return kWhole;
  return events < kRequests ? kKeyAlone : kBatchAlone;
}

TEST(SeenFaults, ABatchAndItsKeyAreBothThereOrBothNot) {
  for (std::uint64_t at = 1;; ++at) {
    const TempDir dir;
    const EngineOptions options = options_in(dir);
    const int ended = run_child([&] {
      FaultDisk disk({FaultKind::kIo, at, true, Operation::kAppend}, dir.path() / "shadows");
      const FaultyStorage storage(disk);
      when_aborted = [] { _exit(kWhole); };
      return live(options) && !disk.fired() ? kNoFaultLeft : kWhole;
    });
    ASSERT_TRUE(ended == kWhole || ended == kNoFaultLeft) << "write " << at;
    EXPECT_EQ(run_child([&] { return send_again(options); }), kWhole) << "write " << at;
    if (ended == kNoFaultLeft) break;
    ASSERT_LT(at, 1000U);
  }
}

}  // namespace
}  // namespace kpi::test
