// libkpi: the store as a library. One process a directory, any number of threads.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/batch.h"
#include "kpi/document.h"
#include "kpi/follow.h"
#include "kpi/request_key.h"
#include "kpi/result.h"
#include "kpi/store.h"
#include "kpi/transfer.h"

namespace kpi {

enum class Durability : std::uint8_t {
  kFsync,  // append() returns when the batch is on disk: survives power loss.
  kOs,     // ... when the operating system has it: survives kill -9, not power loss.
};

struct EngineOptions {
  std::filesystem::path dir;  // Created if absent (its parent must exist).
  bool read_only = false;     // Sees the state at open; takes no lock.
  bool create_if_missing = true;
  Durability durability = Durability::kFsync;
  std::size_t journal_bytes_max = 64U << 20;  // Reaching it starts a seal.
  std::size_t live_bytes_max = 128U << 20;    // Likewise; at twice that, appends wait.
  std::size_t block_cache_bytes = 64U << 20;
  std::size_t write_buffer_bytes = 16U << 20;  // Per column family but the journal's.
  std::uint32_t dense_events_per_hour = 16;    // 24 x this a day: hour chunks and hour cells.
  std::int64_t settle_ms = 10'000;             // A closed hour or day seals after so long quiet.
  // Labels that get day cells of their own (at most kRollupLabelsMax names): questions by one of
  // them are answered from cells for days that began after it was first named here. Those that the
  // store has and that are not named lose their cells; but with no name at all everything stays as
  // it is, unless it is to be dropped.
  std::vector<std::string> rollup_labels = {};
  bool drop_rollups = false;
  // How long, and how many at most, request keys are remembered for; beyond the number the oldest
  // go early. Both at least 1.
  std::int64_t dedup_window_ms = 3'600'000;
  std::size_t dedup_entries_max = 1'000'000;
  // Beyond these, events count under kOtherName. `keeps_name` says which names keep their places in
  // any case: of an RP (the client is empty then), or of a client of one. It must stay cheap: with
  // the limits reached it is asked by the committer for each new name.
  NameLimits name_limits = {};
  std::function<bool(std::string_view rp, std::string_view client)> keeps_name = {};
  // Likewise: whether a measure's name keeps its place. Only few may.
  std::function<bool(std::string_view name)> keeps_measure = {};
  int retention_raw_days = 30;  // 0: for ever, here and below.
  int retention_minute_days = 7;
  int retention_hour_days = 400;
  int retention_day_days = 0;
  // Asked before seals that nobody waits for, and by close(): while it says yes (the disk is nearly
  // full) they are left out, and the journal keeps what they would have written.
  std::function<bool()> short_of_space = {};
  // The wall clock in ms since the epoch; replaceable for tests and simulation.
  std::function<std::int64_t()> now_ms = {};
  // Ms since any moment, of a clock that is never set: how long something lasts. Where only now_ms
  // is replaced, it is that one, standing still while it goes back.
  std::function<std::int64_t()> steady_ms = {};
  // Receives warnings and RocksDB's own log lines; may be called from any thread.
  enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
  std::function<void(LogLevel, std::string_view)> log = {};
  // Called once, from any thread, when the engine stops after a write error (fail-stop), even while
  // it opens or closes: appends are kUnavailable, queries go on; the process should be restarted.
  std::function<void(const Error&)> on_fatal = {};
  // How fast tables are read in the background against their checksums, and how often all of them;
  // 0: not at all. Damage that is found is told here, from a thread of its own, and changes nothing
  // else: whatever reads the damaged place gets an error.
  std::uint64_t scrub_bytes_per_second = 0;
  std::int64_t scrub_every_ms = 7 * kDayMs;
  std::function<void(const Error&)> on_damage = {};
};

// A word that a caller writes together with a batch, all or nothing, and reads back after a
// restart: how far an import has come. Written again it is replaced; with an empty value removed.
struct Mark {
  std::string name;   // Empty: no mark. At most kMarkNameBytesMax bytes.
  std::string value;  // At most kMarkValueBytesMax bytes.
};

// A batch handed over without waiting. The owner keeps it alive and untouched until its sink has
// been given it back.
class AppendSink;
struct PendingAppend {
  Batch batch;
  Mark mark = {};
  RequestKey request = {};
  std::vector<Ticket> tickets = {};
  AppendSink* sink = nullptr;
  PendingAppend* next = nullptr;
  Status status = ok_status();  // These two are set before the sink is told.
  RequestSeen seen = RequestSeen::kFirst;
};

// Told once per commit group about all of its appends that name this sink: a chain by `next`, in
// the order of commit. Called on the committer's thread, so it only hands the chain over.
class AppendSink {
 public:
  virtual ~AppendSink() = default;
  virtual void on_committed(PendingAppend* chain) = 0;
};

struct EngineStats {
  std::uint64_t events_appended = 0;  // Since open.
  std::uint64_t groups_committed = 0;
  std::uint64_t commit_micros_sum = 0;  // Over the groups.
  static constexpr std::size_t kCommitBuckets = 16;
  // Groups by duration: bucket i counts those under 64 us << i; the last is unbounded.
  std::uint64_t commit_micros_buckets[kCommitBuckets] = {};
  std::uint64_t live_events = 0, live_bytes = 0;
  std::uint64_t journal_bytes = 0, journal_sequence = 0;
  std::uint64_t seals = 0, seal_micros_sum = 0, events_sealed = 0, chunks_written = 0;
  std::uint64_t rps = 0, series = 0, measures = 0, labels = 0;
  NameLimits name_limits = {};
  NameLimits events_under_other = {0, 0, 0, 0, 0, 0};  // Since open, by the limit they met.
  std::uint64_t disk_bytes = 0;
  std::uint64_t followers = 0, followers_cut = 0;  // Now; since open, because they fell behind.
  // Request keys remembered, and at most; since open: forgotten early, requests known by theirs.
  std::uint64_t dedup_entries = 0, dedup_entries_max = 0, dedup_forgotten = 0, dedup_duplicates = 0;
  // RPs of a day whose senders are counted, and at most; since open: events that found no room.
  std::uint64_t sender_entries = 0, sender_entries_max = 0, senders_left_out = 0;
  bool failed = false;  // Fail-stop happened.
  // How far the wall clock is ahead of what the hourly pass of retention believes; 0: it believes.
  std::int64_t retention_behind_ms = 0;
  std::uint64_t scrub_bytes = 0, scrub_tables = 0, scrub_passes = 0, scrub_damages = 0;
  std::int64_t scrub_finished_ms = 0;  // When the last whole pass ended; 0: never.
};

class Engine final : public Store {
 public:
  // kBusy: another process has the directory open (or, read only, drops files faster than they can
  // be opened). kCorruption: a check failed, with the file and place, or the directory is another
  // program's, which is left as it is. kUnsupported: written by a newer version. kIo: the
  // directory.
  static Result<std::unique_ptr<Engine>> open(EngineOptions options);
  ~Engine() override;  // close(), its status ignored.

  // Durable when it returns, and seen by every view taken afterwards; all of the batch or, on
  // error, possibly all of it (an I/O error does not mean "not stored"). Thread-safe.
  Status append(Batch batch, Mark mark = {});
  // The asynchronous form: a chain by `next` of at least one. Never blocks, never fails: refusals
  // come through the sink. After close() has begun: kUnavailable.
  void submit(PendingAppend* chain);

  Result<std::string> mark(std::string_view name) const;  // Its value; kNotFound.
  // Whether a request of this key came within the window, or is being committed. Asks memory alone.
  bool knows_request(std::string_view key) const;
  // Those used that have not expired, at most so many, those first that will expire first.
  Result<std::vector<Ticket>> tickets(std::size_t tickets_max) const;

  Result<std::shared_ptr<const View>> view() const override;
  std::vector<std::pair<std::string, std::string>> status() const override;
  Status create_milestone(const Milestone& milestone) override;
  Status drop_milestone(std::string_view name) override;
  Result<std::unique_ptr<Follower>> follow(FollowRequest request) override;
  // What Batch::attach_document() kept. As long as raw events, counted from the later of the
  // event's time and its arrival.
  Result<std::shared_ptr<const Documents>> documents() const;
  EngineStats stats() const;

  // Moving the store elsewhere (kpi/transfer.h): events by view->scan(), the rest by `rest`, both
  // of one moment.
  struct Transfer {
    std::shared_ptr<const View> view;
    std::shared_ptr<const TransferSource> rest;
  };
  Result<Transfer> transfer() const;
  // The first step of taking in: from now on this store answers for the same times as the other.
  // kInvalidArgument: it has stored events already. Done again with the same head, nothing happens.
  Status adopt(const TransferHead& head);
  // Durable when it returns, all of it or nothing, with the mark if it has a name. Cells,
  // senders and documents come after adopt(). kInvalidArgument and kCorruption name the item,
  // counted from 1.
  Status import(const TransferBatch& batch, const Mark& mark);

  // Seals everything, down to the last live event, and waits for it.
  Status flush();
  // Drops partitions beyond their retention now instead of at the next hourly pass, by the wall
  // clock as it is: the hourly pass does not believe one that was set forward before a day is over.
  Status apply_retention();
  // Commits what was submitted, seals closed hours and days, closes the files once other calls have
  // returned and views are gone. Idempotent. Not from within a sink or on_fatal.
  Status close();

 private:
  class Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kpi
