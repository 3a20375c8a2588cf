#include "kpi/engine.h"

#include <atomic>
#include <mutex>
#include <shared_mutex>

#include "engine/base/bytes.h"
#include "engine/base/system_clock.h"
#include "engine/dictionary/dictionary.h"
#include "engine/dictionary/name_gate.h"
#include "engine/document/document_writer.h"
#include "engine/document/documents_view.h"
#include "engine/engine_status.h"
#include "engine/engine_view.h"
#include "engine/follow/engine_follower.h"
#include "engine/journal/committer.h"
#include "engine/journal/replay.h"
#include "engine/journal/stored_names.h"
#include "engine/journal/watermark.h"
#include "engine/live/live.h"
#include "engine/meta/marks.h"
#include "engine/meta/milestones.h"
#include "engine/retention/retention.h"
#include "engine/rocks/database.h"
#include "engine/rocks/format.h"
#include "engine/scrub/scrubber.h"
#include "engine/seal/rollups.h"
#include "engine/seal/seal.h"
#include "engine/seal/sealer.h"
#include "engine/seen/seen.h"
#include "engine/sender/sender_table.h"
#include "engine/transfer/transfer_export.h"
#include "engine/transfer/transfer_import.h"
#include "kpi/assert.h"
#include "kpi/canary.h"

namespace kpi {
namespace {

// The latest that the clock has said.
std::function<std::int64_t()> never_back(std::function<std::int64_t()> clock) {
  auto latest = std::make_shared<std::atomic<std::int64_t>>(clock());
  return [clock = std::move(clock), latest] {
    const std::int64_t now = clock();
    std::int64_t before = *latest;
    while (before < now && !latest->compare_exchange_weak(before, now)) {
    }
    return std::max(before, now);
  };
}

// Lets one append() wait for its own batch.
class WaitingSink final : public AppendSink {
 public:
  void on_committed(PendingAppend*) override {
    done_.store(true, std::memory_order_release);
    done_.notify_one();
  }
  void wait() { done_.wait(false, std::memory_order_acquire); }

 private:
  std::atomic<bool> done_{false};
};

Error closed_error() { return {ErrorCode::kUnavailable, "the store is closed", {}, 0}; }
Error read_only_error() {
  return {ErrorCode::kInvalidArgument, "the store was opened to read only", {}, 0};
}

}  // namespace

class Engine::Impl {
 public:
  explicit Impl(EngineOptions options) : options_(std::move(options)) {
    if (!options_.steady_ms) {
      options_.steady_ms = options_.now_ms ? never_back(options_.now_ms) : system_steady_ms;
    }
    if (!options_.now_ms) options_.now_ms = system_now_ms;
    if (!options_.short_of_space) options_.short_of_space = [] { return false; };
  }
  ~Impl() { (void)close(); }

  Status open();
  Status append(Batch batch, Mark mark);
  void submit(PendingAppend* chain);
  Result<std::shared_ptr<const View>> view() const;
  EngineStats stats() const;
  std::uint64_t format() const;  // As stamped; 0 where it cannot be told.
  Result<std::string> mark(std::string_view name) const;
  bool knows_request(std::string_view key) const;
  Result<std::vector<Ticket>> tickets(std::size_t tickets_max) const;
  Result<std::shared_ptr<const Documents>> documents() const;
  Result<std::unique_ptr<Follower>> follow(FollowRequest request);
  Status create_milestone(const Milestone& milestone);
  Status drop_milestone(std::string_view name);
  Result<Transfer> transfer() const;
  Status adopt(const TransferHead& head);
  Status import(const TransferBatch& items, const Mark& mark);
  Status flush();
  Status apply_retention();
  Status close();

 private:
  Status open_rollups();
  Status start_scrub();
  Status write(rocksdb::WriteBatch* batch);
  Status check_watermark(std::uint64_t durable, std::uint64_t last_sequence) const;
  void on_error(const Error& error);

  EngineOptions options_;
  std::shared_ptr<Database> database_;
  std::shared_ptr<Dictionary> dictionary_;
  std::unique_ptr<Live> live_;
  Milestones milestones_;
  const std::shared_ptr<Followers> followers_ = std::make_shared<Followers>();
  bool rolls_up_ = false;  // Some label is; that changes at open only.
  std::unique_ptr<Seen> seen_;
  std::unique_ptr<NameGate> name_gate_;
  std::shared_ptr<SenderTable> senders_;  // Views read it too.
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<Scrubber> scrubber_;        // Unless it is off.
  std::atomic<Committer*> failing_{nullptr};  // What a background error stops.
  std::atomic<bool> closed_{false}, told_{false};
  mutable std::shared_mutex closing_;  // Held by calls that use the files; close() waits for them.
};

Status Engine::Impl::open() {
  if (Status labels = check_rollup_labels(options_.rollup_labels); !labels.ok()) return labels;
  // Before the journal: one that is read while another process writes must not fall behind it.
  const auto warn = [this](std::string_view what) {
    if (options_.log) options_.log(EngineOptions::LogLevel::kWarning, what);
  };
  const Result<std::uint64_t> durable = Watermark(options_.dir / "WATERMARK").read(warn);
  if (!durable.ok()) return durable.error();
  Result<std::unique_ptr<Database>> database = Database::open(options_, [this](const Error& error) {
    Committer* const committer = failing_.load();  // None while the store opens and closes.
    committer != nullptr ? committer->fail(error) : on_error(error);
  });
  if (!database.ok()) return database.error();
  database_ = std::move(database).value();
  if (Status format = check_format(*database_, options_.read_only); !format.ok()) return format;
  dictionary_ = std::make_shared<Dictionary>();
  if (Status names = load_names(*database_, dictionary_.get()); !names.ok()) return names;
  if (Status loaded = milestones_.load(*database_); !loaded.ok()) return loaded;
  Result<std::uint64_t> seal = meta_number(*database_, kMetaSeal, nullptr);
  if (!seal.ok()) return seal.error();
  Result<std::uint64_t> sealed = meta_number(*database_, kMetaSealed, nullptr);
  if (!sealed.ok()) return sealed.error();
  live_ = std::make_unique<Live>(seal.value());
  Result<Replayed> journal = replay_journal(*database_, *dictionary_, live_.get());
  if (!journal.ok()) return journal.error();
  const std::uint64_t last = std::max(sealed.value(), journal.value().last_sequence);
  if (Status whole = check_watermark(durable.value(), last); !whole.ok()) return whole;
  if (Status rollups = open_rollups(); !rollups.ok()) return rollups;
  if (options_.read_only) return ok_status();
  Result<std::uint64_t> documents = meta_number(*database_, kMetaDocumentsAdded, nullptr);
  if (!documents.ok()) return documents.error();
  Result<std::unique_ptr<Seen>> seen = Seen::open(*database_, options_);
  if (!seen.ok()) return seen.error();
  seen_ = std::move(seen).value();
  senders_ = std::make_shared<SenderTable>(*database_, options_.now_ms);
  name_gate_ = std::make_unique<NameGate>(*dictionary_, options_);
  committer_ = std::make_unique<Committer>(
      *database_, *dictionary_, *name_gate_, *live_,
      DocumentWriter(*database_, documents.value(), options_.now_ms), *seen_, *senders_,
      *followers_, last, journal.value().bytes, [this] { sealer_->check_budget(); },
      [this](const Error& error) { on_error(error); });
  failing_ = committer_.get();
  Result<RetentionClock::Kept> kept = read_kept(*database_);
  if (!kept.ok()) return kept.error();
  sealer_ =
      std::make_unique<Sealer>(*database_, *dictionary_, *live_, *committer_, *seen_, *senders_,
                               options_, static_cast<std::uint32_t>(seal.value()), kept.value());
  return start_scrub();
}

Status Engine::Impl::start_scrub() {
  if (options_.scrub_bytes_per_second == 0) return ok_status();
  Result<std::uint64_t> finished = meta_number(*database_, kMetaScrubbed, nullptr);
  if (!finished.ok()) return finished.error();
  scrubber_ = std::make_unique<Scrubber>(
      *database_, options_, static_cast<std::int64_t>(finished.value()),
      [this](std::int64_t now) -> Status {
        if (options_.short_of_space()) return ok_status();
        std::string bytes;
        append_little_endian(bytes, static_cast<std::uint64_t>(now));
        rocksdb::WriteBatch batch;
        const rocksdb::Status put =
            batch.Put(database_->family(Family::kMeta), kMetaScrubbed, bytes);
        KPI_ASSERT(put.ok());  // Only fails beyond a size limit, which is not set.
        return write(&batch);
      });
  return ok_status();
}

// A reader has the labels that the writer configured.
Status Engine::Impl::open_rollups() {
  if (!options_.read_only && (options_.drop_rollups || !options_.rollup_labels.empty())) {
    Status configured = configure_rollups(*database_, options_.rollup_labels);
    if (!configured.ok()) return configured;
  }
  Result<std::vector<Rollup>> rollups = read_rollups(*database_, nullptr);
  if (!rollups.ok()) return rollups.error();
  rolls_up_ = !rollups.value().empty();
  options_.rollup_labels.clear();
  for (const Rollup& rollup : rollups.value()) options_.rollup_labels.push_back(rollup.label);
  return ok_status();
}

// Cutting the end off the log, or losing it whole, leaves a store that opens and has forgotten
// what it had acknowledged.
Status Engine::Impl::check_watermark(std::uint64_t durable, std::uint64_t last_sequence) const {
  if (durable <= last_sequence || canary("watermark-not-compared")) return ok_status();
  return Error{ErrorCode::kCorruption,
               "the journal in " + options_.dir.string() + " ends at sequence " +
                   std::to_string(last_sequence) + ", but sequence " + std::to_string(durable) +
                   " had been made durable",
               "a log file is missing or was cut; restore from a backup", 0};
}

void Engine::Impl::on_error(const Error& error) {
  if (options_.log) options_.log(EngineOptions::LogLevel::kError, "fail-stop: " + error.message);
  if (options_.on_fatal && !told_.exchange(true)) options_.on_fatal(error);
}

Status Engine::Impl::append(Batch batch, Mark mark) {
  if (options_.read_only) return read_only_error();
  PendingAppend pending;
  pending.batch = std::move(batch);
  pending.mark = std::move(mark);
  WaitingSink sink;
  pending.sink = &sink;
  submit(&pending);
  committer_->settle();
  sink.wait();
  return pending.status;
}

void Engine::Impl::submit(PendingAppend* chain) { committer_->submit(chain); }

Result<std::shared_ptr<const View>> Engine::Impl::view() const {
  const std::shared_lock open(closing_);
  if (closed_) return closed_error();
  return EngineView::take(database_, dictionary_, *live_, milestones_, senders_, rolls_up_);
}

Result<std::string> Engine::Impl::mark(std::string_view name) const {
  const std::shared_lock open(closing_);
  if (closed_) return closed_error();
  return read_mark(*database_, name);
}

std::uint64_t Engine::Impl::format() const {
  const std::shared_lock open(closing_);
  const Result<std::uint64_t> format =
      closed_ ? Result<std::uint64_t>(0) : meta_number(*database_, kMetaFormat, nullptr);
  return format.ok() ? format.value() : 0;
}

bool Engine::Impl::knows_request(std::string_view key) const {
  return seen_ != nullptr && seen_->knows(key);
}

Result<std::vector<Ticket>> Engine::Impl::tickets(std::size_t tickets_max) const {
  const std::shared_lock open(closing_);
  if (closed_) return closed_error();
  return read_tickets(*database_, options_.now_ms() / 1000, tickets_max);
}

Result<std::shared_ptr<const Documents>> Engine::Impl::documents() const {
  const std::shared_lock open(closing_);
  if (closed_) return closed_error();
  return std::shared_ptr<const Documents>(std::make_shared<DocumentsView>(database_));
}

Result<std::unique_ptr<Follower>> Engine::Impl::follow(FollowRequest request) {
  if (options_.read_only) return read_only_error();
  return EngineFollower::join(followers_, dictionary_, std::move(request));
}

// What is written beside the committer fails as its writes do.
Status Engine::Impl::write(rocksdb::WriteBatch* batch) {
  if (committer_->failed()) return committer_->refusal();
  const rocksdb::Status written = database_->db().Write(database_->write_options(), batch);
  if (written.ok()) return ok_status();
  committer_->fail(to_error(written, "write meta"));
  return committer_->refusal();
}

Status Engine::Impl::create_milestone(const Milestone& milestone) {
  if (options_.read_only) return read_only_error();
  const std::shared_lock open(closing_);
  if (closed_) return closed_error();
  return milestones_.create(*database_, milestone, [this](auto* batch) { return write(batch); });
}

Status Engine::Impl::drop_milestone(std::string_view name) {
  if (options_.read_only) return read_only_error();
  const std::shared_lock open(closing_);
  if (closed_) return closed_error();
  return milestones_.drop(*database_, name, [this](auto* batch) { return write(batch); });
}

EngineStats Engine::Impl::stats() const {
  EngineStats stats;
  const std::shared_lock open(closing_);
  if (closed_) return stats;
  stats.live_events = live_->events();
  stats.live_bytes = live_->memory_bytes();
  stats.rps = dictionary_->count(NameKind::kRp);
  stats.series = dictionary_->count(NameKind::kSeries);
  stats.measures = dictionary_->count(NameKind::kMeasure);
  stats.labels = dictionary_->count(NameKind::kLabel);
  stats.disk_bytes = database_->disk_bytes();
  if (!committer_) return stats;
  const Committer::Counters& commits = committer_->counters();
  stats.events_appended = commits.events;
  stats.groups_committed = commits.groups;
  stats.commit_micros_sum = commits.micros;
  for (std::size_t i = 0; i < EngineStats::kCommitBuckets; ++i) {
    stats.commit_micros_buckets[i] = commits.buckets[i];
  }
  stats.journal_bytes = commits.journal_bytes;
  stats.journal_sequence = commits.sequence;
  stats.dedup_entries = seen_->counters().entries;
  stats.dedup_entries_max = options_.dedup_entries_max;
  stats.dedup_forgotten = seen_->counters().forgotten;
  stats.dedup_duplicates = seen_->counters().duplicates;
  stats.name_limits = options_.name_limits;
  stats.events_under_other = name_gate_->events_under_other();
  stats.sender_entries = senders_->entries();
  stats.sender_entries_max = kSenderEntriesMax;
  stats.senders_left_out = senders_->left_out();
  stats.failed = committer_->failed();
  stats.followers = followers_->count();
  stats.followers_cut = followers_->cut();
  const Sealer::Counters& seals = sealer_->counters();
  stats.retention_behind_ms = seals.retention_behind_ms;
  stats.seals = seals.seals;
  stats.seal_micros_sum = seals.micros;
  stats.events_sealed = seals.events;
  stats.chunks_written = seals.chunks;
  if (!scrubber_) return stats;
  const Scrubber::Counters& scrub = scrubber_->counters();
  stats.scrub_bytes = scrub.bytes;
  stats.scrub_tables = scrub.tables;
  stats.scrub_passes = scrub.passes;
  stats.scrub_damages = scrub.damages;
  stats.scrub_finished_ms = scrub.finished_ms;
  return stats;
}

Result<Engine::Transfer> Engine::Impl::transfer() const {
  Result<std::shared_ptr<const View>> taken = view();
  if (!taken.ok()) return taken.error();
  const auto& source = static_cast<const EngineView&>(*taken.value()).source();
  Result<std::shared_ptr<const TransferSource>> rest = TransferExport::take(taken.value(), source);
  if (!rest.ok()) return rest.error();
  return Transfer{std::move(taken).value(), std::move(rest).value()};
}

Status Engine::Impl::adopt(const TransferHead& head) {
  if (options_.read_only) return read_only_error();
  const std::shared_lock open(closing_);
  if (closed_) return closed_error();
  return sealer_->exclusively([&]() -> Status {
    const std::lock_guard no_commits(committer_->group_mutex());
    rocksdb::WriteBatch batch;
    Result<bool> gathered = gather_adoption(*database_, *live_, head, &batch);
    if (!gathered.ok()) return gathered.error();
    if (!gathered.value()) return ok_status();
    if (Status written = write(&batch); !written.ok()) return written;
    committer_->skip_to(head.sequence);
    return ok_status();
  });
}

Status Engine::Impl::import(const TransferBatch& items, const Mark& mark) {
  if (options_.read_only) return read_only_error();
  if (Status fits = check_mark(mark); !fits.ok()) return fits;
  const std::shared_lock open(closing_);
  if (closed_) return closed_error();
  return sealer_->exclusively([&]() -> Status {
    const Result<Horizons> horizons = read_horizons(*database_, nullptr);
    if (!horizons.ok()) return horizons.error();
    Result<std::vector<Rollup>> rollups = read_rollups(*database_, nullptr);
    if (!rollups.ok()) return rollups.error();
    const std::lock_guard no_commits(committer_->group_mutex());
    rocksdb::WriteBatch batch;
    const ImportTarget target{*database_, dictionary_.get(), committer_->documents(),
                              horizons.value(), std::move(rollups).value()};
    if (Status gathered = gather_import(target, items, &batch); !gathered.ok()) return gathered;
    const rocksdb::Status marked = put_mark(*database_, mark, &batch);
    KPI_ASSERT(marked.ok());  // Only fails beyond a size limit, which is not set.
    return write(&batch);
  });
}

Status Engine::Impl::flush() {
  if (options_.read_only) return read_only_error();
  const std::shared_lock open(closing_);
  if (closed_) return closed_error();
  if (Status senders = sealer_->write_senders(); !senders.ok()) return senders;
  return sealer_->seal_now(SealReason::kAll);
}

Status Engine::Impl::apply_retention() {
  if (options_.read_only) return read_only_error();
  const std::shared_lock open(closing_);
  if (closed_) return closed_error();
  return sealer_->apply_retention();
}

// Order matters: no more commits, then no more seals, then the files.
Status Engine::Impl::close() {
  if (!database_ || closed_.exchange(true)) return ok_status();
  bool healthy = true;
  Status status = ok_status();
  if (scrubber_) scrubber_->stop();
  if (committer_) {
    committer_->stop();
    followers_->close();
    healthy = !committer_->failed();
    const bool short_of_space = options_.short_of_space();
    if (healthy && !short_of_space) status = sealer_->write_senders();
    if (healthy && status.ok() && !short_of_space) {
      status = sealer_->seal_now(SealReason::kClock);
    }
    if (sealer_) sealer_->stop();
    if (healthy && status.ok() && sealer_) status = sealer_->write_watermark();
    // What is in tables need not be read from the log at the next start.
    if (healthy && status.ok() && !committer_->failed() && !short_of_space) {
      status = database_->flush(true);
    }
    healthy = healthy && status.ok();
  }
  const std::unique_lock no_more_calls(closing_);
  // What failed just now counts as well: RocksDB aborts when a log it could not write is synced.
  healthy = healthy && !(committer_ && committer_->failed());
  failing_ = nullptr;
  // Without a committer the store was opened to read, or opening has failed, perhaps on the log.
  // With views still out the files stay open until the last of them goes.
  if (database_.use_count() == 1) {
    Status closed = database_->close(healthy && committer_ != nullptr);
    if (healthy) status = closed;
  }
  return status;
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (Status opened = impl->open(); !opened.ok()) return opened.error();
  return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

Status Engine::append(Batch batch, Mark mark) {
  return impl_->append(std::move(batch), std::move(mark));
}
Result<std::string> Engine::mark(std::string_view name) const { return impl_->mark(name); }
bool Engine::knows_request(std::string_view key) const { return impl_->knows_request(key); }
Result<std::vector<Ticket>> Engine::tickets(std::size_t tickets_max) const {
  return impl_->tickets(tickets_max);
}
Status Engine::create_milestone(const Milestone& milestone) {
  return impl_->create_milestone(milestone);
}
Status Engine::drop_milestone(std::string_view name) { return impl_->drop_milestone(name); }
Result<std::unique_ptr<Follower>> Engine::follow(FollowRequest request) {
  return impl_->follow(std::move(request));
}
Result<std::shared_ptr<const Documents>> Engine::documents() const { return impl_->documents(); }
void Engine::submit(PendingAppend* chain) { impl_->submit(chain); }
Result<std::shared_ptr<const View>> Engine::view() const { return impl_->view(); }
EngineStats Engine::stats() const { return impl_->stats(); }
Result<Engine::Transfer> Engine::transfer() const { return impl_->transfer(); }
Status Engine::adopt(const TransferHead& head) { return impl_->adopt(head); }
Status Engine::import(const TransferBatch& batch, const Mark& mark) {
  return impl_->import(batch, mark);
}
Status Engine::flush() { return impl_->flush(); }
Status Engine::apply_retention() { return impl_->apply_retention(); }
Status Engine::close() { return impl_->close(); }
std::vector<std::pair<std::string, std::string>> Engine::status() const {
  auto rows = status_rows(stats());
  rows.emplace_back("format", std::to_string(impl_->format()));
  return rows;
}

}  // namespace kpi
