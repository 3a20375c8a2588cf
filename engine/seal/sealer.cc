#include "engine/seal/sealer.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

#include "engine/base/bytes.h"
#include "engine/key/partition.h"
#include "engine/retention/retention.h"
#include "engine/rocks/format.h"
#include "engine/seal/rollups.h"
#include "engine/seal/seal.h"
#include "kpi/canary.h"

namespace kpi {
namespace {

constexpr auto kTick = std::chrono::seconds(1);
constexpr std::int64_t kRetentionEveryMs = kHourMs;
constexpr std::int64_t kKeepBelievedEveryMs = 6 * kHourMs;
// Late events under steady traffic must not make a seal, and tiny chunks, each second.
constexpr std::int64_t kClockSealEveryMs = 15 * kMinuteMs;
// An hour's end is worth a seal only where live is big enough to slow queries down.
constexpr std::uint64_t kHourlySealEventsMin = 65'536;

std::int64_t floor_to(std::int64_t time_ms, std::int64_t width_ms) {
  return time_ms - time_ms % width_ms;
}

}  // namespace

Result<RetentionClock::Kept> read_kept(const Database& database) {
  RetentionClock::Kept kept;
  for (const auto& [key, number] :
       {std::pair{kMetaBelieved, &kept.believed_ms}, std::pair{kMetaHeld, &kept.held_ms},
        std::pair{kMetaHeldAt, &kept.looked_wall_ms}}) {
    const Result<std::uint64_t> stored = meta_number(database, key, nullptr);
    if (!stored.ok()) return stored.error();
    *number = static_cast<std::int64_t>(std::min<std::uint64_t>(stored.value(), kTimeMsMax));
  }
  return kept;
}

Sealer::Sealer(Database& database, Dictionary& dictionary, Live& live, Committer& committer,
               Seen& seen, SenderTable& senders, const EngineOptions& options,
               std::uint32_t last_number, const RetentionClock::Kept& kept)
    : database_(database),
      dictionary_(dictionary),
      live_(live),
      committer_(committer),
      seen_(seen),
      senders_(senders),
      options_(options),
      last_number_(last_number),
      documents_(database, options.retention_raw_days),
      watermark_(options.dir / "WATERMARK"),
      retention_clock_(kept, {options.now_ms(), options.steady_ms()}),
      kept_on_disk_(kept) {
  quiet_since_ms_ = last_clock_seal_ms_ = last_senders_ms_ = options_.steady_ms();
  worker_.start([this] { run(); },
                [this] {
                  std::unique_lock lock(mutex_);
                  const bool budget = std::exchange(budget_reached_, false);
                  lock.unlock();
                  look(budget);
                });
}

Sealer::~Sealer() { stop(); }

void Sealer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  worker_.join();
}

bool Sealer::over_budget(std::size_t times) const {
  return live_.memory_bytes() > times * options_.live_bytes_max ||
         committer_.counters().journal_bytes > times * options_.journal_bytes_max;
}

void Sealer::check_budget() {
  if (!over_budget(1)) return;
  if (over_budget(2)) committer_.set_paused(true);
  const std::lock_guard lock(mutex_);
  budget_reached_ = true;
  wake_.notify_all();
}

void Sealer::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, kTick, [this] { return stopping_ || budget_reached_; });
    if (stopping_) return;
    const bool budget = std::exchange(budget_reached_, false);
    lock.unlock();
    look(budget);
    lock.lock();
  }
}

void Sealer::look(bool budget) {
  if (committer_.failed()) return;
  Status status = budget && over_budget(1) && !options_.short_of_space() ? seal(SealReason::kBudget)
                                                                         : ok_status();
  committer_.set_paused(false);
  if (status.ok()) tick();
}

void Sealer::tick() {
  Status kept = write_watermark();
  if (kept.ok()) kept = database_.mark_file_list();
  if (!kept.ok()) return committer_.fail(kept.error());
  if (clock_seal_due() && !options_.short_of_space()) {
    last_clock_seal_ms_ = options_.steady_ms();
    (void)seal(SealReason::kClock);
    events_left_ = live_.events();
  }
  if (options_.steady_ms() - last_senders_ms_ >= kMinuteMs && !options_.short_of_space()) {
    last_senders_ms_ = options_.steady_ms();
    if (!write_senders().ok()) return;
  }
  look_for_aged();
  (void)drop_aged_documents();
  (void)drop_aged_keys();
}

void Sealer::look_for_aged() {
  const std::int64_t now = options_.steady_ms();
  if (last_retention_ms_ && now - *last_retention_ms_ < kRetentionEveryMs) return;
  last_retention_ms_ = now;
  const std::int64_t believed = believed_now();
  (void)drop_aged_events(believed);
  documents_.begin(believed);
  (void)keep_believed();
}

std::int64_t Sealer::believed_now() {
  const std::lock_guard lock(clock_mutex_);
  const RetentionClock::Clocks at = clocks();
  const bool held = retention_clock_.holds() && counters_.retention_behind_ms != 0;
  const std::int64_t believed = retention_clock_.look(at);
  counters_.retention_behind_ms = retention_clock_.holds() ? at.wall_ms - believed : 0;
  if (options_.log && retention_clock_.holds() && !held) {
    options_.log(EngineOptions::LogLevel::kWarning,
                 "the clock is " + std::to_string((at.wall_ms - believed) / kMinuteMs) +
                     " minutes ahead of the time that has passed: nothing ages out by it before it "
                     "has stood for a day");
  }
  return believed;
}

// A store that nobody writes to is hardly written to; but how long a jump has stood must not be
// forgotten by whoever restarts often.
Status Sealer::keep_believed() {
  if (committer_.failed()) return committer_.refusal();
  if (options_.short_of_space()) return ok_status();
  rocksdb::Status written;
  {
    const std::lock_guard lock(clock_mutex_);  // So that what is older is not written later.
    const RetentionClock::Kept kept = retention_clock_.kept();
    const bool held = kept.looked_wall_ms != 0 || kept_on_disk_.looked_wall_ms != 0;
    const std::int64_t moved_ms = std::abs(kept.believed_ms - kept_on_disk_.believed_ms);
    if (!held && moved_ms < kKeepBelievedEveryMs) return ok_status();
    kept_on_disk_ = kept;
    written = write_kept(kept);
  }
  if (written.ok()) return ok_status();
  committer_.fail(to_error(written, "write meta"));
  return committer_.refusal();
}

rocksdb::Status Sealer::write_kept(const RetentionClock::Kept& kept) {
  rocksdb::ColumnFamilyHandle* const meta = database_.family(Family::kMeta);
  rocksdb::WriteBatch batch;
  rocksdb::Status status;
  const auto put = [&](const char* key, std::int64_t number) {
    std::string bytes;
    append_little_endian(bytes, static_cast<std::uint64_t>(number));
    if (status.ok()) status = number == 0 ? batch.Delete(meta, key) : batch.Put(meta, key, bytes);
  };
  put(kMetaBelieved, kept.believed_ms);
  put(kMetaHeld, kept.held_ms);
  put(kMetaHeldAt, kept.looked_wall_ms);
  return status.ok() ? database_.db().Write(database_.write_options(), &batch) : status;
}

// Closed days and, where live has grown large, closed hours wait for a quiet moment, but not for
// ever. Hours that were too sparse stay live: more events must come before it is tried again.
bool Sealer::clock_seal_due() {
  const std::int64_t now = options_.steady_ms();
  const std::uint64_t events = committer_.counters().events;
  if (events != events_seen_) {
    events_seen_ = events;
    quiet_since_ms_ = now;
  }
  const std::int64_t settled = options_.now_ms() - options_.settle_ms;
  const std::optional<std::int64_t> oldest = live_.oldest_ms();
  const bool quiet = now - quiet_since_ms_ >= options_.settle_ms;
  const bool waited = now - last_clock_seal_ms_ >= kClockSealEveryMs;
  if (!oldest || (!quiet && !waited)) return false;
  if (*oldest < floor_to(settled, kDayMs)) return true;
  return *oldest < floor_to(settled, kHourMs) &&
         live_.events() - std::min(live_.events(), events_left_) >= kHourlySealEventsMin;
}

Status Sealer::write_watermark() {
  if (options_.durability != Durability::kFsync || canary("watermark-not-written")) {
    return ok_status();
  }
  const std::lock_guard lock(watermark_mutex_);
  return watermark_.write(committer_.counters().sequence);
}

// No retention pass meanwhile: what has aged out must not come back.
Status Sealer::write_senders() {
  const std::lock_guard lock(work_mutex_);
  if (committer_.failed()) return committer_.refusal();
  const Result<Horizons> horizons = read_horizons(database_, nullptr);
  if (!horizons.ok()) return horizons.error();
  return senders_.flush(
      options_.now_ms(), horizons.value().hour, [this](rocksdb::WriteBatch* batch) -> Status {
        const rocksdb::Status written = database_.db().Write(database_.write_options(), batch);
        if (written.ok()) return ok_status();
        committer_.fail(to_error(written, "write senders"));
        return committer_.refusal();
      });
}

Status Sealer::seal_now(SealReason reason) { return seal(reason); }

Status Sealer::exclusively(const std::function<Status()>& work) {
  const std::lock_guard lock(work_mutex_);
  return work();
}

Status Sealer::apply_retention() {
  const RetentionClock::Clocks at = clocks();
  {
    const std::lock_guard lock(clock_mutex_);
    retention_clock_.believe(at);
    counters_.retention_behind_ms = 0;
  }
  if (Status events = drop_aged_events(at.wall_ms); !events.ok()) return events;
  documents_.begin(at.wall_ms);
  for (;;) {
    const Result<bool> more = drop_aged_documents();
    if (!more.ok()) return more.error();
    if (!more.value()) return keep_believed();
  }
}

// No seal waits for it: documents are a family of their own.
Result<bool> Sealer::drop_aged_documents() {
  if (committer_.failed()) return committer_.refusal().error();
  Result<bool> more = documents_.step();
  if (!more.ok()) committer_.fail(more.error());
  return more;
}

Status Sealer::drop_aged_keys() {
  if (committer_.failed()) return committer_.refusal();
  Status swept = seen_.sweep();
  if (!swept.ok()) committer_.fail(swept.error());
  return swept;
}

Status Sealer::drop_aged_events(std::int64_t now_ms) {
  const std::lock_guard lock(work_mutex_);
  if (committer_.failed()) return committer_.refusal();
  Status status = drop_aged_out(database_, options_, now_ms);
  if (!status.ok()) committer_.fail(status.error());
  return status;
}

// A seal for the budget's sake that leaves too much behind is followed by one that takes all.
Status Sealer::seal(SealReason reason) {
  const std::lock_guard lock(work_mutex_);
  if (committer_.failed()) return committer_.refusal();
  Left left;
  Status status = seal_once(reason, &left);
  const bool too_much = left.live_bytes > options_.live_bytes_max / 2 ||
                        left.journal_bytes > options_.journal_bytes_max / 2;
  if (status.ok() && reason == SealReason::kBudget && too_much) {
    status = seal_once(SealReason::kAll, &left);
  }
  if (!status.ok()) committer_.fail(status.error());
  return status;
}

SealPolicy Sealer::policy(SealReason reason,
                          const std::vector<std::shared_ptr<const Generation>>& generations) const {
  SealPolicy policy;
  policy.reason = reason;
  policy.dense_events_per_hour = options_.dense_events_per_hour;
  policy.closed_before_ms = options_.now_ms() - options_.settle_ms;
  if (reason != SealReason::kBudget) return policy;
  // While old events are loaded in order of time, the newest day is the one still open.
  std::int64_t newest = 0;
  for (const auto& generation : generations) {
    if (generation->events() > 0) newest = std::max(newest, generation->max_ms());
  }
  policy.closed_before_ms = std::min(policy.closed_before_ms, newest);
  return policy;
}

Status Sealer::seal_once(SealReason reason, Left* left) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<const Generation>> generations;
  std::uint64_t last_sequence = 0, journal_bytes = 0;
  {
    const std::lock_guard lock(committer_.group_mutex());
    generations = live_.freeze();
    last_sequence = committer_.counters().sequence;
    journal_bytes = committer_.counters().journal_bytes;
    *left = {live_.memory_bytes(), journal_bytes};
  }
  Result<Horizons> horizons = read_horizons(database_, nullptr);
  if (!horizons.ok()) return horizons.error();
  SealPolicy policy = this->policy(reason, generations);
  policy.raw_first_day = horizons.value().raw;
  policy.minute_first_day = horizons.value().minute;
  policy.hour_first_day = horizons.value().hour;
  policy.day_first_day = horizons.value().day;
  std::vector<Rollup> rollups;
  if (!options_.rollup_labels.empty()) {
    Result<std::vector<Rollup>> stored = read_rollups(database_, nullptr);
    if (!stored.ok()) return stored.error();
    rollups = std::move(stored).value();
  }
  Seal seal(database_, dictionary_, policy, rollups, generations, last_number_ + 1);
  rocksdb::WriteBatch batch;
  Result<bool> took = seal.run(last_sequence, &batch);
  if (!took.ok()) return took.error();
  if (!took.value()) return ok_status();
  rocksdb::WriteOptions write = database_.write_options();
  write.protection_bytes_per_key = 0;  // Doubles the batch's memory; chunks and cells are hashed.
  const rocksdb::Status written = database_.db().Write(write, &batch);
  if (!written.ok()) return to_error(written, "write a seal");
  *left = {seal.carried() ? seal.carried()->memory_bytes() : 0, seal.carried_bytes()};
  live_.replace_frozen(seal.carried(), seal.last_number());
  committer_.replace_journal_bytes(journal_bytes, seal.carried_bytes());
  last_number_ = seal.last_number();
  counters_.seals += 1;
  counters_.events += seal.events_sealed();
  counters_.chunks += seal.chunks();
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  counters_.micros += static_cast<std::uint64_t>(micros.count());
  return database_.flush(false);
}

}  // namespace kpi
