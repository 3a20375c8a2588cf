// Opened to read only while another process writes and seals: a state that once was, never an
// error, never half of a seal.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "tests/engine/faults/ledger.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

EngineOptions options_in(const TempDir& dir) {
  EngineOptions options;
  options.dir = dir.path() / "store";
  options.journal_bytes_max = 64U << 10;
  options.write_buffer_bytes = 64U << 10;
  options.retention_raw_days = 0;
  options.now_ms = [] { return kLedgerFirstDayMs + (kLedgerDays + 1) * kDayMs; };
  return options;
}

[[noreturn]] void write_until_told(const EngineOptions& options, const Ledger& ledger) {
  {
    const auto engine = Engine::open(options).value();
    std::vector<std::thread> threads;
    for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
      threads.emplace_back([&, writer] {
        while (ledger->stop == 0) {
          if (ledger->acknowledged[writer] >= ledger->allowed) {
            sched_yield();
            continue;
          }
          const LedgerBatch batch{writer, ledger->acknowledged[writer]};
          if (!engine->append(batch.pack()).ok()) _exit(2);
          ++ledger->acknowledged[writer];
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  _exit(0);
}

TEST(ReaderProcess, SeesAStateThatOnceWas) {
  const TempDir dir;
  const Ledger ledger;
  ledger->allowed = 20;
  const pid_t writer = fork();
  ASSERT_GE(writer, 0);
  if (writer == 0) write_until_told(options_in(dir), ledger);
  while (ledger->acknowledged[0] == 0) sched_yield();
  EngineOptions reading = options_in(dir);
  reading.read_only = true;
  for (int round = 0; round < 25 && !HasFailure(); ++round) {
    std::uint32_t acknowledged[kLedgerWriters];
    for (unsigned w = 0; w < kLedgerWriters; ++w) acknowledged[w] = ledger->acknowledged[w];
    ledger->allowed += 20;
    const auto reader = Engine::open(reading);
    ASSERT_TRUE(reader.ok()) << "round " << round << ": " << reader.error().message;
    // What was open stays readable, whatever the writer has dropped since.
    while (ledger->acknowledged[0] < ledger->allowed) sched_yield();
    const auto view = reader.value()->view().value();
    const auto batches = stored_batches(*view);
    ASSERT_TRUE(batches.ok()) << batches.error().message;
    std::uint32_t counts[kLedgerWriters] = {};
    for (const auto& [id, events] : batches.value()) {
      EXPECT_EQ(events, (LedgerBatch{id.first, id.second}.events()));
      EXPECT_EQ(id.second, counts[id.first]) << "a gap";
      counts[id.first] = id.second + 1;
    }
    for (unsigned w = 0; w < kLedgerWriters; ++w) EXPECT_GE(counts[w], acknowledged[w]);
    EXPECT_EQ(stored_days(*view, kDayMs).value(), expected_days(counts));
    EXPECT_EQ(stored_days(*view, kHourMs).value(), expected_days(counts));
  }
  ledger->stop = 1;
  int status = 0;
  ASSERT_EQ(waitpid(writer, &status, 0), writer);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace kpi::test
