// The store's upkeep thread: seals by budget and by the clock, keeps the watermark, and drops what
// has aged out.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "engine/dictionary/dictionary.h"
#include "engine/document/document_sweep.h"
#include "engine/journal/committer.h"
#include "engine/journal/watermark.h"
#include "engine/live/live.h"
#include "engine/retention/retention_clock.h"
#include "engine/rocks/database.h"
#include "engine/schedule/worker.h"
#include "engine/seal/plan.h"
#include "engine/seen/seen.h"
#include "engine/sender/sender_table.h"
#include "kpi/engine.h"

namespace kpi {

// `meta`: u64, ms since the epoch: how late retention believed it was.
inline constexpr char kMetaBelieved[] = "believed";
// Likewise, only while it holds a jump of the clock: for how many ms, and when that was by it.
inline constexpr char kMetaHeld[] = "held", kMetaHeldAt[] = "held_at";
Result<RetentionClock::Kept> read_kept(const Database& database);

class Sealer {
 public:
  struct Counters {
    std::atomic<std::uint64_t> seals{0}, micros{0}, events{0}, chunks{0};
    std::atomic<std::int64_t> retention_behind_ms{0};
  };

  // `last_number`: of the newest seal on disk; `kept`: from the meta above. The clocks of `options`
  // are set.
  Sealer(Database& database, Dictionary& dictionary, Live& live, Committer& committer, Seen& seen,
         SenderTable& senders, const EngineOptions& options, std::uint32_t last_number,
         const RetentionClock::Kept& kept);
  ~Sealer();  // stop().

  // After each commit group: starts a seal where a budget is reached, and makes commits wait where
  // it is passed by far. Cheap.
  void check_budget();
  // Seals with `reason` and waits for it. Thread-safe.
  Status seal_now(SealReason reason);
  // Drops what has aged out now. Thread-safe.
  Status apply_retention();
  // Runs `work` while no seal and no retention pass runs.
  Status exclusively(const std::function<Status()>& work);
  // Ends the thread; a seal in progress is finished. Idempotent.
  void stop();
  // Writes the watermark; called each second, and after the last commit.
  Status write_watermark();
  // Writes what is known of senders; called each minute, and after the last commit.
  Status write_senders();
  const Counters& counters() const { return counters_; }

 private:
  void run();
  void look(bool budget);
  void tick();
  void look_for_aged();
  Status drop_aged_events(std::int64_t now_ms);
  std::int64_t believed_now();
  Status keep_believed();
  rocksdb::Status write_kept(const RetentionClock::Kept& kept);
  RetentionClock::Clocks clocks() const { return {options_.now_ms(), options_.steady_ms()}; }
  Status drop_aged_keys();
  Result<bool> drop_aged_documents();
  bool over_budget(std::size_t times) const;
  bool clock_seal_due();
  Status seal(SealReason reason);
  struct Left {  // Of what a seal set apart, once it is done.
    std::size_t live_bytes = 0;
    std::uint64_t journal_bytes = 0;
  };
  Status seal_once(SealReason reason, Left* left);
  SealPolicy policy(SealReason reason,
                    const std::vector<std::shared_ptr<const Generation>>& generations) const;

  Database& database_;
  Dictionary& dictionary_;
  Live& live_;
  Committer& committer_;
  Seen& seen_;
  SenderTable& senders_;
  const EngineOptions options_;
  Counters counters_;

  std::mutex work_mutex_;  // Held through a seal or a retention pass: one at a time.
  std::uint32_t last_number_;
  DocumentSweep documents_;
  Watermark watermark_;
  std::mutex watermark_mutex_;

  // The thread's own; times by the steady clock.
  std::uint64_t events_seen_ = 0, events_left_ = 0;  // At the tick before; by the last seal.
  std::int64_t quiet_since_ms_ = 0, last_clock_seal_ms_ = 0, last_senders_ms_ = 0;
  std::optional<std::int64_t> last_retention_ms_;

  std::mutex clock_mutex_;  // Guards the two below.
  RetentionClock retention_clock_;
  RetentionClock::Kept kept_on_disk_;

  std::mutex mutex_;  // Guards the two below.
  std::condition_variable wake_;
  bool stopping_ = false, budget_reached_ = false;
  Worker worker_{Work::kUpkeep, "kpi-upkeep"};
};

}  // namespace kpi
