// kill -9 at any point of appends, seals, retention and openings: what was acknowledged is stored
// exactly once, in raw events and in cells, and what was not is stored whole or not at all.
#include <gtest/gtest.h>
#include <sched.h>

#include <array>
#include <random>
#include <thread>
#include <vector>

#include "tests/engine/faults/kill_rounds.h"
#include "tests/engine/faults/ledger.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

struct Scenario {
  const char* name;
  bool retention;  // Raw events age out while the store runs.
};

// A child process: it checks what the one before it left, then writes until it is killed.
class Child {
 public:
  Child(const std::filesystem::path& dir, const Scenario& scenario, std::uint64_t seed,
        const Ledger& ledger)
      : scenario_(scenario), rng_(seed), ledger_(ledger) {
    options_.dir = dir;
    options_.journal_bytes_max = std::size_t{8} << (10 + rng_() % 6);
    options_.live_bytes_max = std::size_t{2} << 20;
    options_.write_buffer_bytes = 64U << 10;
    options_.retention_raw_days = scenario.retention ? 3 : 0;
    options_.retention_minute_days = 1;
    options_.now_ms = [this] { return ledger_->now_ms.load(); };
  }

  [[noreturn]] void run() {
    Result<std::unique_ptr<Engine>> engine = Engine::open(options_);
    if (!engine.ok()) give_up("open: " + engine.error().message);
    engine_ = std::move(engine).value();
    check();
    std::vector<std::thread> threads;
    for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
      threads.emplace_back([this, writer] { write(writer); });
    }
    for (;;) upkeep();
  }

 private:
  void write(unsigned writer) {
    for (;;) {
      const LedgerBatch batch{writer, ledger_->acknowledged[writer]};
      if (Status s = engine_->append(batch.pack()); !s.ok()) give_up(s.error().message);
      ++ledger_->acknowledged[writer];
    }
  }

  void upkeep() {
    const auto what = rng_() % 4;
    Status status = ok_status();
    if (what == 0) status = engine_->flush();
    if (what == 1 && scenario_.retention) {
      if (rng_() % 4 == 0 && ledger_->now_ms < kLedgerFirstDayMs + 6 * kDayMs) {
        ledger_->now_ms += kDayMs / 2;
      }
      status = engine_->apply_retention();
    }
    if (!status.ok()) give_up(status.error().message);
    sched_yield();
  }

  void check() {
    const auto view = engine_->view();
    if (!view.ok()) give_up(view.error().message);
    const auto days = stored_days(*view.value(), kDayMs);
    const auto hours = stored_days(*view.value(), kHourMs);
    const auto batches = stored_batches(*view.value());
    if (!days.ok()) give_up(days.error().message);
    if (!hours.ok()) give_up(hours.error().message);
    if (!batches.ok()) give_up(batches.error().message);
    // A batch of each writer may have been on its way.
    for (unsigned more = 0; more < 1U << kLedgerWriters; ++more) {
      std::uint32_t counts[kLedgerWriters];
      for (unsigned w = 0; w < kLedgerWriters; ++w) {
        counts[w] = ledger_->acknowledged[w] + (more >> w & 1);
      }
      if (expected_days(counts) != days.value()) continue;
      if (hours.value() != days.value()) give_up("hours differ from days");
      check_batches(batches.value(), counts);
      for (unsigned w = 0; w < kLedgerWriters; ++w) ledger_->acknowledged[w] = counts[w];
      return;
    }
    give_up("days are not those of the acknowledged batches");
  }

  void check_batches(const StoredBatches& stored, const std::uint32_t (&counts)[kLedgerWriters]) {
    for (const auto& [id, events] : stored) {
      if (id.second >= counts[id.first]) give_up("a batch that was never sent");
    }
    for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
      for (std::uint32_t number = 0; number < counts[writer]; ++number) {
        const auto found = stored.find({writer, number});
        const LedgerBatch batch{writer, number};
        if (found == stored.end() && scenario_.retention) continue;
        if (found == stored.end() || found->second != batch.events()) {
          give_up("batch " + std::to_string(number) + " of writer " + std::to_string(writer) +
                  (found == stored.end() ? " is lost" : " is not stored once"));
        }
      }
    }
  }

  const Scenario scenario_;
  std::mt19937_64 rng_;
  const Ledger& ledger_;
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;
};

class Crash : public testing::TestWithParam<Scenario> {};

TEST_P(Crash, LosesNothingAcknowledgedAndCountsNothingTwice) {
  const TempDir dir;
  const Ledger ledger;
  kill_again_and_again(
      std::string("crash_") + GetParam().name, 12, 400, ledger,
      [&](std::uint64_t seed) { Child(dir.path() / "store", GetParam(), seed, ledger).run(); });
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Crash,
                         testing::Values(Scenario{"seals", false}, Scenario{"retention", true}),
                         [](const auto& scenario) { return std::string(scenario.param.name); });

}  // namespace
}  // namespace kpi::test
