// kill -9 at any point: a batch, its documents and its mark are all there or all not.
#include <gtest/gtest.h>
#include <sched.h>

#include <string>
#include <thread>

#include "tests/engine/faults/kill_rounds.h"
#include "tests/engine/faults/ledger.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

// The name of a writer's mark; its value is how many of its batches are stored.
std::string mark_of(unsigned writer) { return "import/" + std::to_string(writer); }

// Every event of a batch with a document that names the batch.
Batch pack(const LedgerBatch& from) {
  Batch batch;
  const NamedValue measures[] = {{"batch", from.number}};
  const std::string client = from.client();
  for (unsigned i = 0; i < from.events(); ++i) {
    Event event;
    event.time_ms = from.begin_ms() + i;
    event.rp = "https://a";
    event.client = client;
    event.kind = EventKind(Outcome::kSuccess, UiShown::kUnknown);
    event.measures = measures;
    if (!batch.add(event).ok() ||
        !batch.attach_document(client + '/' + std::to_string(from.number)).ok()) {
      give_up("a batch that cannot be packed");
    }
  }
  return batch;
}

std::uint32_t stored_mark(const Engine& engine, unsigned writer) {
  const auto mark = engine.mark(mark_of(writer));
  if (mark.ok()) return static_cast<std::uint32_t>(std::stoul(mark.value()));
  if (mark.error().code != ErrorCode::kNotFound) give_up(mark.error().message);
  return 0;
}

void check(const Engine& engine, const Ledger& ledger) {
  const auto batches = stored_batches(*engine.view().value());
  if (!batches.ok()) give_up(batches.error().message);
  std::map<std::string, std::uint64_t> documents;
  std::uint64_t count = 0;
  const auto all = engine.documents().value();
  const Status read = all->for_each({}, {}, {}, [&](const Document& document) {
    ++documents[document.text];
    ++count;
    return true;
  });
  if (!read.ok()) give_up(read.error().message);
  if (all->count({}).value() != count) give_up("documents are not as many as they are counted");
  std::uint64_t expected = 0;
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
    const std::uint32_t marked = stored_mark(engine, writer);
    if (marked < ledger->acknowledged[writer]) give_up("an acknowledged mark is lost");
    if (batches.value().contains({writer, marked})) give_up("a batch without its mark");
    for (std::uint32_t number = 0; number < marked; ++number) {
      const LedgerBatch batch{writer, number};
      const auto events = batches.value().find({writer, number});
      if (events == batches.value().end() || events->second != batch.events()) {
        give_up("a mark without its batch");
      }
      const auto texts = documents.find(batch.client() + '/' + std::to_string(number));
      if (texts == documents.end() || texts->second != batch.events()) {
        give_up("a batch without its documents");
      }
      expected += batch.events();
    }
    ledger->acknowledged[writer] = marked;
  }
  if (expected != count) give_up("documents without their batch");
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
    for (;;) {
      const std::uint32_t number = ledger->acknowledged[writer];
      const Status appended = engine.value()->append(pack({writer, number}),
                                                     {mark_of(writer), std::to_string(number + 1)});
      if (!appended.ok()) give_up(appended.error().message);
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

TEST(MarkCrash, ABatchItsDocumentsAndItsMarkAreAllThereOrAllNot) {
  const TempDir dir;
  const Ledger ledger;
  kill_again_and_again("crash_marks", 8, 150, ledger,
                       [&](std::uint64_t seed) { run_child(dir.path() / "store", seed, ledger); });
}

}  // namespace
}  // namespace kpi::test
