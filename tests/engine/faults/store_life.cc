#include "tests/engine/faults/store_life.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace kpi::test {
namespace {

constexpr int kRawDays = 3;

EngineOptions options_of(const LifePlan& plan, const Ledger& ledger) {
  EngineOptions options;
  options.dir = plan.dir;
  options.on_fatal = plan.on_fatal;
  options.journal_bytes_max = 24U << 10;
  options.live_bytes_max = 2U << 20;
  options.write_buffer_bytes = 64U << 10;
  options.block_cache_bytes = 1U << 20;
  options.retention_raw_days = kRawDays;
  options.retention_minute_days = 1;
  options.now_ms = [&ledger] { return ledger->now_ms.load(); };
  return options;
}

std::string mark_of(unsigned writer) { return "import/" + std::to_string(writer); }
std::string milestone_of(std::uint32_t number) { return "release " + std::to_string(number); }
std::string document_of(const LedgerBatch& batch) {
  return batch.client() + '/' + std::to_string(batch.number);
}

// One document a batch: beside its last event.
Batch pack(const LedgerBatch& from) {
  Batch batch = from.pack();
  if (!batch.attach_document(document_of(from)).ok()) give_up("a document that cannot be packed");
  return batch;
}

// One opening of the store.
class Opening {
 public:
  Opening(const LifePlan& plan, const Ledger& ledger) : plan_(plan), ledger_(ledger) {}

  bool open() {
    auto engine = Engine::open(options_of(plan_, ledger_));
    if (!engine.ok()) return false;
    engine_ = std::move(engine).value();
    return true;
  }

  bool run() {
    for (std::uint32_t round = 0; round < plan_.rounds; ++round) {
      for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
        if (!append(writer)) return stay_stopped(writer);
      }
      if (!upkeep(round)) return false;
      if (round % 3 == 1 && !ask()) return false;
    }
    return engine_->close().ok();
  }

 private:
  bool append(unsigned writer) {
    const std::uint32_t number = ledger_->acknowledged[writer];
    const Status appended =
        engine_->append(pack({writer, number}), {mark_of(writer), std::to_string(number + 1)});
    if (appended.ok()) ++ledger_->acknowledged[writer];
    return appended.ok();
  }

  // Nothing more is written after the first error.
  bool stay_stopped(unsigned writer) {
    const std::uint32_t before = ledger_->acknowledged[writer];
    const Status again = engine_->append(pack({writer, before + 1}));
    if (again.ok()) give_up("an append after a failed one was answered");
    if (again.error().code != ErrorCode::kUnavailable) give_up(again.error().message);
    return false;
  }

  bool upkeep(std::uint32_t round) {
    if (round % 4 == 1 && !engine_->flush().ok()) return false;
    if (round % 4 == 2) {
      const std::uint32_t number = ledger_->milestones;
      if (!engine_->create_milestone({milestone_of(number), 1000}).ok()) return false;
      ++ledger_->milestones;
    }
    return round % 4 != 3 || engine_->apply_retention().ok();
  }

  // An answer while the disk fails is right or an error.
  bool ask() {
    const auto view = engine_->view();
    if (!view.ok()) return false;
    const auto days = stored_days(*view.value(), kDayMs);
    if (!days.ok()) return true;
    std::uint32_t counts[kLedgerWriters];
    for (unsigned w = 0; w < kLedgerWriters; ++w) counts[w] = ledger_->acknowledged[w];
    if (days.value() != expected_days(counts)) give_up("a wrong answer while the disk fails");
    return true;
  }

  const LifePlan& plan_;
  const Ledger& ledger_;
  std::unique_ptr<Engine> engine_;
};

template <class T>
T must(Result<T> result, const char* what) {
  if (!result.ok()) give_up(std::string(what) + ": " + result.error().message);
  return std::move(result).value();
}

std::uint32_t marked(const Engine& engine, unsigned writer) {
  const auto mark = engine.mark(mark_of(writer));
  if (mark.ok()) return static_cast<std::uint32_t>(std::stoul(mark.value()));
  if (mark.error().code != ErrorCode::kNotFound) give_up(mark.error().message);
  return 0;
}

void check_batches(const View& view, const std::uint32_t (&counts)[kLedgerWriters],
                   std::int64_t raw_from_ms) {
  const StoredBatches stored = must(stored_batches(view), "scan");
  for (const auto& [id, events] : stored) {
    if (id.second >= counts[id.first]) give_up("a batch that was never sent");
  }
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
    for (std::uint32_t number = 0; number < counts[writer]; ++number) {
      const LedgerBatch batch{writer, number};
      const auto found = stored.find({writer, number});
      if (found == stored.end() && batch.begin_ms() < raw_from_ms) continue;
      if (found == stored.end()) give_up("batch " + document_of(batch) + " is lost");
      if (found->second != batch.events()) give_up(document_of(batch) + " is not stored once");
    }
  }
}

void check_documents(const Engine& engine, const std::uint32_t (&counts)[kLedgerWriters]) {
  const auto documents = must(engine.documents(), "documents");
  std::map<std::string, int> texts;
  const Status read = documents->for_each({}, {}, {}, [&](const Document& document) {
    ++texts[document.text];
    return true;
  });
  if (!read.ok()) give_up(read.error().message);
  std::size_t expected = 0;
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
    for (std::uint32_t number = 0; number < counts[writer]; ++number, ++expected) {
      const std::string text = document_of({writer, number});
      if (texts[text] != 1) give_up("document " + text + " is not stored once");
    }
  }
  if (texts.size() != expected) give_up("a document that was never sent");
}

void check_milestones(const View& view, const Ledger& ledger) {
  const auto milestones = view.milestones();
  const std::uint32_t known = ledger->milestones;
  for (std::uint32_t number = 0; number < known; ++number) {
    const auto same = [&](const Milestone& m) { return m.name == milestone_of(number); };
    if (std::count_if(milestones.begin(), milestones.end(), same) != 1) {
      give_up("a milestone is lost");
    }
  }
  if (milestones.size() > known + 1) give_up("a milestone that was never set");
  ledger->milestones = static_cast<std::uint32_t>(milestones.size());
}

// The marks say how many batches of each writer are stored: all that were answered, and at most
// the one that was not.
void check_all(const Engine& engine, const Ledger& ledger) {
  std::uint32_t counts[kLedgerWriters];
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
    const std::uint32_t answered = ledger->acknowledged[writer];
    counts[writer] = marked(engine, writer);
    if (counts[writer] < answered) give_up("an answered batch of a writer is lost");
    if (counts[writer] > answered + 1) give_up("a mark that was never sent");
    ledger->acknowledged[writer] = counts[writer];
  }
  const auto view = must(engine.view(), "view");
  const StoredDays expected = expected_days(counts);
  if (must(stored_days(*view, kDayMs), "days") != expected) give_up("days differ");
  if (must(stored_days(*view, kHourMs), "hours") != expected) give_up("hours differ");
  check_batches(*view, counts, ledger->now_ms - kRawDays * kDayMs);
  check_documents(engine, counts);
  check_milestones(*view, ledger);
}

}  // namespace

void give_up(const std::string& message) {
  std::fprintf(stderr, "store: %s\n", message.c_str());
  _exit(1);
}

void live(const LifePlan& plan, const Ledger& ledger) {
  for (int opening = 0; opening < 2; ++opening) {
    Opening store(plan, ledger);
    if (!store.open() || !store.run()) return;
  }
}

void check_left(const LifePlan& plan, const Ledger& ledger) {
  auto engine = must(Engine::open(options_of(plan, ledger)), "open");
  check_all(*engine, ledger);
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
    const std::uint32_t number = ledger->acknowledged[writer];
    must(engine->append(pack({writer, number}), {mark_of(writer), std::to_string(number + 1)}),
         "append");
    ++ledger->acknowledged[writer];
  }
  must(engine->flush(), "flush");
  must(engine->close(), "close");
  engine = must(Engine::open(options_of(plan, ledger)), "open again");
  check_all(*engine, ledger);
}

}  // namespace kpi::test
