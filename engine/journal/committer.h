// Group commit: one thread turns all batches that wait into one journal record, writes it with the
// names it needs in one RocksDB write, adds the rows to live and hands the batches back.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rocksdb/write_batch.h>

#include "engine/dictionary/dictionary.h"
#include "engine/dictionary/name_gate.h"
#include "engine/document/document_writer.h"
#include "engine/follow/followers.h"
#include "engine/journal/record.h"
#include "engine/live/live.h"
#include "engine/rocks/database.h"
#include "engine/schedule/worker.h"
#include "engine/seen/seen.h"
#include "engine/sender/sender_table.h"
#include "kpi/engine.h"

namespace kpi {

// What a commit group is bounded by: beyond it, the rest waits for the next group.
inline constexpr std::size_t kGroupBytesMax = 4U << 20;

class Committer {
 public:
  struct Counters {  // Written by the committer's thread, read by any.
    std::atomic<std::uint64_t> events{0}, groups{0}, micros{0}, journal_bytes{0}, sequence{0};
    std::atomic<std::uint64_t> buckets[EngineStats::kCommitBuckets] = {};
  };

  // `last_sequence`: of the newest record in the journal, which holds `journal_bytes`. Documents
  // and request keys count as journal bytes until the next seal: they fill the same logs.
  // `on_group` is called after each group, outside all locks; `on_error` once, at the first failed
  // write.
  Committer(Database& database, Dictionary& dictionary, NameGate& name_gate, Live& live,
            DocumentWriter documents, Seen& seen, SenderTable& senders, Followers& followers,
            std::uint64_t last_sequence, std::uint64_t journal_bytes,
            std::function<void()> on_group, std::function<void(const Error&)> on_error);
  ~Committer();  // stop().

  // Any thread; never blocks. After stop() has begun, refusals come through the sinks.
  void submit(PendingAppend* chain);
  // In a simulation: commits what was submitted, now. Else the thread does.
  void settle();
  // Commits what was submitted, then ends the thread. Idempotent.
  void stop();
  // From now on everything is refused with `error`. Any thread, also RocksDB's.
  void fail(const Error& error);
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  Status refusal() const;  // Why nothing more is written.

  // The sealer holds this while it sets generations apart: no group is half committed then.
  std::mutex& group_mutex() { return group_mutex_; }
  // Stops and lets go commits, to keep live memory within its budget.
  void set_paused(bool paused);
  // Holders of group_mutex() only.
  DocumentWriter& documents() { return documents_; }
  // Records come after `sequence` from now on. Holders of group_mutex() only.
  void skip_to(std::uint64_t sequence) { counters_.sequence = sequence; }
  // The sealer has replaced `old_bytes` of journal records by `new_bytes`.
  void replace_journal_bytes(std::uint64_t old_bytes, std::uint64_t new_bytes) {
    counters_.journal_bytes += new_bytes - old_bytes;  // Modulo 2^64: exact.
  }
  const Counters& counters() const { return counters_; }

 private:
  struct RowIds {
    std::uint32_t series, shape;  // In the dictionary, in the active generation.
    std::string_view values;
  };
  // What of a batch's shape is left.
  struct MappedShape {
    std::uint32_t id = 0;  // In the active generation, shifted by one: 0 means "not yet".
    NameLimitSet met;
    std::vector<std::uint32_t> left_out;  // Places of measures, ascending.
  };
  void run();
  PendingAppend* take_all();
  bool close_stack();
  void refuse(PendingAppend* newest);
  void commit_all(PendingAppend* chain);
  void wait_while_paused();
  PendingAppend* commit_group(PendingAppend* chain);
  bool admit(PendingAppend* append);
  Status write_group(std::span<PendingAppend* const> group);
  rocksdb::Status gather(std::span<PendingAppend* const> group, std::uint64_t sequence,
                         std::uint64_t* bytes);
  void encode_batch(const Batch::Contents& batch);
  std::uint32_t series_id(const Batch::Contents& batch, std::uint32_t index);
  void map_shape(const Batch::Contents& batch, std::uint32_t index, MappedShape* mapped);
  void map_measures(const Batch::Contents& batch, std::uint32_t index, MappedShape* mapped);
  void map_labels(const Batch::Contents& batch, std::uint32_t index, MappedShape* mapped);
  std::string_view without(std::string_view values, const std::vector<std::uint32_t>& left_out);
  std::uint32_t record_shape(std::uint32_t generation_shape);
  std::uint32_t intern(NameKind kind, std::uint32_t parent, std::string_view name);
  void add_to_live(std::span<PendingAppend* const> group, std::uint64_t sequence);
  void count_senders(std::span<PendingAppend* const> group);
  void tell_followers(std::span<PendingAppend* const> group);
  void count_group(std::uint64_t events, std::uint64_t bytes, std::uint64_t micros);
  static void hand_back(std::span<PendingAppend* const> group);

  Database& database_;
  Dictionary& dictionary_;
  NameGate& name_gate_;
  Live& live_;
  DocumentWriter documents_;
  Seen& seen_;
  SenderTable& senders_;
  Followers& followers_;
  const std::function<void()> on_group_;
  const std::function<void(const Error&)> on_error_;

  PendingAppend closed_;                            // On top of the stack: nothing more goes on.
  std::atomic<PendingAppend*> submitted_{nullptr};  // A stack, newest first.
  std::atomic<std::uint32_t> signal_{0};            // Changes whenever the thread should look.
  std::atomic<bool> stopping_{false}, failed_{false};
  mutable std::mutex state_mutex_;  // Guards the two below.
  std::condition_variable unpaused_;
  bool paused_ = false;
  Error failure_;
  std::mutex group_mutex_;
  Counters counters_;

  // Of the group being committed; the thread's own.
  rocksdb::WriteBatch write_batch_;
  RecordBuilder record_;
  std::string_view record_bytes_;  // Once it is finished.
  std::vector<RowIds> row_ids_;
  std::deque<std::string> cut_values_;           // Of rows that lost some.
  std::vector<std::uint32_t> series_ids_;        // By index in the batch; 0: not yet.
  std::vector<NameLimitSet> series_met_;         // Likewise.
  std::vector<MappedShape> shapes_;              // Likewise.
  std::vector<std::uint32_t> record_shapes_;     // By shape of the generation; 0: not yet.
  std::vector<std::uint32_t> shapes_in_record_;  // Which of those are set.
  Shape scratch_shape_;
  Worker worker_{Work::kCommit, "kpi-commit"};
};

}  // namespace kpi
