// Appends, seals, retention and views at the same time: every view is of one moment, whatever it
// is asked, and later views have all that earlier ones had.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/engine/faults/ledger.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

EngineOptions tiny_budgets(const TempDir& dir) {
  EngineOptions options;
  options.dir = dir.path() / "store";
  options.durability = Durability::kOs;
  options.journal_bytes_max = 16U << 10;
  options.live_bytes_max = 1U << 20;
  options.write_buffer_bytes = 64U << 10;
  options.retention_raw_days = 0;
  options.now_ms = [] { return kLedgerFirstDayMs + (kLedgerDays + 1) * kDayMs; };
  return options;
}

std::uint64_t events_of(const StoredDays& days) {
  std::uint64_t sum = 0;
  for (const auto& [key, day] : days) sum += day.events;
  return sum;
}

// Whole batches in the order they were sent, and cells that say the same.
std::uint64_t check_view(const View& view, const std::uint32_t (&acknowledged)[kLedgerWriters]) {
  const StoredBatches batches = stored_batches(view).value();
  std::uint32_t counts[kLedgerWriters] = {};
  for (const auto& [id, events] : batches) {
    EXPECT_EQ(events, (LedgerBatch{id.first, id.second}.events()));
    EXPECT_EQ(id.second, counts[id.first]) << "a gap";
    counts[id.first] = id.second + 1;
  }
  for (unsigned w = 0; w < kLedgerWriters; ++w) EXPECT_GE(counts[w], acknowledged[w]);
  const StoredDays expected = expected_days(counts);
  EXPECT_EQ(stored_days(view, kDayMs).value(), expected);
  EXPECT_EQ(stored_days(view, kHourMs).value(), expected);
  return events_of(expected);
}

TEST(Concurrent, EveryViewIsOfOneMoment) {
  const TempDir dir;
  const Ledger ledger;
  auto engine = Engine::open(tiny_budgets(dir)).value();
  constexpr std::uint32_t kBatches = 150;
  std::atomic<unsigned> writing{kLedgerWriters};
  std::vector<std::thread> threads;
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
    threads.emplace_back([&, writer] {
      for (std::uint32_t n = 0; n < kBatches; ++n) {
        EXPECT_TRUE(engine->append(LedgerBatch{writer, n}.pack()).ok());
        ++ledger->acknowledged[writer];
      }
      --writing;
    });
  }
  threads.emplace_back([&] {
    while (writing > 0) {
      EXPECT_TRUE(engine->flush().ok());
      EXPECT_TRUE(engine->apply_retention().ok());
      (void)engine->stats();
    }
  });
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      std::uint64_t seen = 0;
      do {
        std::uint32_t acknowledged[kLedgerWriters];
        for (unsigned w = 0; w < kLedgerWriters; ++w) acknowledged[w] = ledger->acknowledged[w];
        const auto view = engine->view().value();
        const std::uint64_t events = check_view(*view, acknowledged);
        EXPECT_GE(events, seen);
        EXPECT_EQ(check_view(*view, acknowledged), events) << "a view that changes";
        seen = events;
      } while (writing > 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::uint32_t all[] = {kBatches, kBatches, kBatches};
  check_view(*engine->view().value(), all);
  ASSERT_TRUE(engine->close().ok());
  engine = Engine::open(tiny_budgets(dir)).value();
  check_view(*engine->view().value(), all);
}

// Whoever calls while the store closes gets an answer: success or kUnavailable.
TEST(Concurrent, CallsDuringCloseAreAnswered) {
  for (int round = 0; round < 20; ++round) {
    const TempDir dir;
    const Ledger ledger;
    const auto engine = Engine::open(tiny_budgets(dir)).value();
    std::vector<std::thread> threads;
    for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
      threads.emplace_back([&, writer] {
        for (std::uint32_t n = 0; engine->append(LedgerBatch{writer, n}.pack()).ok(); ++n) {
          ++ledger->acknowledged[writer];
        }
      });
    }
    threads.emplace_back([&] {
      while (engine->flush().ok()) (void)engine->stats();
    });
    threads.emplace_back([&] {
      for (;;) {
        const auto view = engine->view();
        if (!view.ok()) break;
        EXPECT_TRUE(stored_days(*view.value(), kDayMs).ok());
      }
    });
    while (ledger->acknowledged[0] < 3) std::this_thread::yield();
    EXPECT_TRUE(engine->close().ok());
    for (std::thread& thread : threads) thread.join();
    std::uint32_t acknowledged[kLedgerWriters];
    for (unsigned w = 0; w < kLedgerWriters; ++w) acknowledged[w] = ledger->acknowledged[w];
    const auto reopened = Engine::open(tiny_budgets(dir)).value();
    check_view(*reopened->view().value(), acknowledged);
  }
}

}  // namespace
}  // namespace kpi::test
