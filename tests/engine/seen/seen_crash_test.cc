// Promise P3: kill -9 at any point: a batch, its request key and its ticket are all there or none,
// so that what is sent again until it is answered is stored exactly once.
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <string>
#include <thread>

#include "tests/engine/faults/kill_rounds.h"
#include "tests/engine/faults/ledger.h"
#include "tests/support/collecting_sink.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

std::string name_of(const LedgerBatch& batch) {
  return std::to_string(batch.writer) + '/' + std::to_string(batch.number);
}

Ticket ticket_of(const LedgerBatch& batch) {
  return {(std::uint64_t{batch.writer} << 32) | batch.number, std::int64_t{1} << 40};
}

bool is_used(const Engine& engine, const LedgerBatch& batch) {
  const auto used = engine.tickets(~std::size_t{0});
  if (!used.ok()) give_up(used.error().message);
  const auto& tickets = used.value();
  return std::find(tickets.begin(), tickets.end(), ticket_of(batch)) != tickets.end();
}

RequestSeen send(Engine& engine, const LedgerBatch& batch) {
  CollectingSink sink;
  PendingAppend append;
  append.batch = batch.pack();
  append.request = {name_of(batch), batch.number, name_of(batch)};
  append.tickets = {ticket_of(batch)};
  append.sink = &sink;
  engine.submit(&append);
  (void)sink.wait_for(1);
  if (!append.status.ok()) give_up(append.status.error().message);
  if (append.request.answer != name_of(batch)) give_up("another's answer");
  return append.seen;
}

// What was acknowledged is known; what was on its way is known if and only if it is stored.
void check(Engine& engine, const Ledger& ledger) {
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
    const std::uint32_t next = ledger->acknowledged[writer];
    const auto before = stored_batches(*engine.view().value());
    if (!before.ok()) give_up(before.error().message);
    const bool stored = before.value().contains({writer, next});
    if (is_used(engine, {writer, next}) != stored) {
      give_up(stored ? "a batch without its ticket" : "a ticket without its batch");
    }
    if ((send(engine, {writer, next}) == RequestSeen::kDuplicate) != stored) {
      give_up(stored ? "a batch without its key" : "a key without its batch");
    }
    ledger->acknowledged[writer] = next + 1;
    for (std::uint32_t back = 0; back < 5 && back <= next; ++back) {
      if (send(engine, {writer, next - back}) != RequestSeen::kDuplicate) give_up("a key is lost");
    }
  }
  const auto batches = stored_batches(*engine.view().value());
  if (!batches.ok()) give_up(batches.error().message);
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
    for (std::uint32_t number = 0; number < ledger->acknowledged[writer]; ++number) {
      const auto events = batches.value().find({writer, number});
      if (events == batches.value().end()) give_up("a batch is lost");
      if (events->second != LedgerBatch{writer, number}.events()) give_up("not stored once");
    }
  }
}

[[noreturn]] void run_child(const std::filesystem::path& dir, std::uint64_t seed,
                            const Ledger& ledger) {
  EngineOptions options;
  options.dir = dir;
  options.journal_bytes_max = std::size_t{16} << (10 + seed % 6);
  options.write_buffer_bytes = 64U << 10;
  options.durability = seed % 4 == 0 ? Durability::kFsync : Durability::kOs;
  options.retention_raw_days = 0;
  options.now_ms = [&ledger] { return ledger->now_ms.load(); };
  Result<std::unique_ptr<Engine>> engine = Engine::open(options);
  if (!engine.ok()) give_up("open: " + engine.error().message);
  check(*engine.value(), ledger);
  const auto write = [&](unsigned writer) {
    for (std::uint64_t n = 0;; ++n) {
      const LedgerBatch batch{writer, ledger->acknowledged[writer]};
      if (send(*engine.value(), batch) != RequestSeen::kFirst) give_up("a new one is known");
      if (n % 3 == 0 && send(*engine.value(), batch) != RequestSeen::kDuplicate) {
        give_up("a known one is new");
      }
      ++ledger->acknowledged[writer];
    }
  };
  std::vector<std::thread> threads;
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) threads.emplace_back(write, writer);
  for (;;) {
    if (Status flushed = engine.value()->flush(); !flushed.ok()) give_up(flushed.error().message);
    sched_yield();
  }
}

TEST(SeenCrash, ABatchAndItsKeyAreBothThereOrBothNot) {
  const TempDir dir;
  const Ledger ledger;
  kill_again_and_again("crash_request_keys", 10, 150, ledger,
                       [&](std::uint64_t seed) { run_child(dir.path() / "store", seed, ledger); });
}

}  // namespace
}  // namespace kpi::test
