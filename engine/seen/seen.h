// Exactly once: what was answered to requests with a key, for as long as a retry may come, and
// which tickets have been used. Keys are kept as hashes with a seed of the store's own: nobody can
// make two that collide, and what a proxy puts into its request ID (an address) is nowhere on disk.
#pragma once
#include <rocksdb/write_batch.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/rocks/database.h"
#include "engine/seen/seen_table.h"
#include "kpi/engine.h"

namespace kpi {

// kLimitExceeded: a part of it is too long.
Status check_request_key(const RequestKey& request);

// In order of expiry, from `from_s` on.
Result<std::vector<Ticket>> read_tickets(const Database& database, std::int64_t from_s,
                                         std::size_t tickets_max);

// The committer's thread alone calls what is between begin_group() and end_group().
class Seen {
 public:
  struct Counters {  // Read by any thread.
    std::atomic<std::uint64_t> entries{0}, forgotten{0}, duplicates{0};
  };

  // Reads what is remembered. The clocks of `options` are set. kCorruption, kIo.
  static Result<std::unique_ptr<Seen>> open(Database& database, const EngineOptions& options);

  void begin_group();
  // Whether a request of this key is remembered, or of the group under way. Any thread.
  bool knows(std::string_view key) const;
  // True: `append` is to be committed, with put(). False: it has had its answer,
  // or will get that of an append of this group in end_group(); its status and `seen` are set.
  bool admit(PendingAppend* append);
  // Adds key and tickets of an append that was admitted, in the order of admit(), to the group's
  // batch.
  rocksdb::Status put(const PendingAppend& append, rocksdb::WriteBatch* batch,
                      std::uint64_t* bytes);
  // What became of the group's write.
  void end_group(const Status& status);

  // Removes from disk what is too old to be believed. The upkeep's thread.
  Status sweep();
  const Counters& counters() const { return counters_; }

 private:
  Seen(Database& database, const EngineOptions& options);
  Status read_seed();
  rocksdb::Status put_tickets(std::span<const Ticket> tickets, rocksdb::WriteBatch* batch,
                              std::uint64_t* bytes);
  Status sweep_requests(std::int64_t now_ms);
  Status sweep_tickets(std::int64_t now_s);
  Status drop_range(const std::string& begin, const std::string& end);
  Status load(std::int64_t wall_ms);
  Status start_time(std::int64_t wall_ms);
  std::int64_t now() const;
  SeenKey hash(std::string_view key) const;
  void remember(PendingAppend* append, const SeenKey& key);
  void answer_from(const RequestKey& first, PendingAppend* append);
  bool answer_from_disk(const SeenKey& key, std::int64_t when_ms, PendingAppend* append);

  Database& database_;
  const std::function<std::int64_t()> wall_ms_, steady_ms_;
  const std::int64_t window_ms_;
  std::uint64_t seed_ = 0;
  mutable std::mutex table_mutex_;  // Held by whoever changes the table, and by other threads.
  SeenTable table_;
  std::int64_t ahead_ms_ = 0;          // Of steady_ms_(): what makes it the time of entries.
  std::int64_t when_ms_ = 0;           // Of the group, and never back.
  std::uint64_t group_begin_ = 0;      // Number of its first entry.
  std::vector<PendingAppend*> fresh_;  // By number, from group_begin_.
  std::vector<SeenKey> fresh_keys_;    // The same.
  std::size_t written_ = 0;            // Of them.
  std::vector<std::pair<PendingAppend*, std::size_t>> repeated_;  // And which of fresh_ it repeats.
  std::atomic<std::int64_t> floor_ms_{0};                         // Nothing before it is asked for.
  std::int64_t swept_ms_ = 0, swept_tickets_s_ = 0;               // The upkeep's.
  Counters counters_;
};

}  // namespace kpi
