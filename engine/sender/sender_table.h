// The senders of reports by RP and hour: hashes in memory alone, figures of them on disk from
// minute to minute. Fixed memory. Thread-safe.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include "engine/cell/senders_value.h"
#include "engine/rocks/database.h"
#include "engine/sender/sender_tally.h"
#include "kpi/event.h"
#include "kpi/result.h"

namespace kpi {

// Pairs of RP and day, and of RP and hour whose senders are still told apart, in memory at a time:
// about 150 and 650 bytes each at most. Each of a day's up to 24 hours that are over takes 64 more.
inline constexpr std::size_t kSenderEntriesMax = 32'768;
// Of so many pairs of RP and day the one with the fewest reports goes, where there is no room.
inline constexpr std::size_t kSenderEvictionSample = 16;

class SenderTable {
 public:
  SenderTable(const Database& database, std::function<std::int64_t()> now_ms)
      : database_(database), now_ms_(std::move(now_ms)) {}

  // For as long as it lives, reports are added. Holds the lock.
  class Adder {
   public:
    explicit Adder(SenderTable& table);
    // `sender`: not 0. What lies beyond the next hour is left out: its hours would stay in memory.
    void add(std::uint32_t rp, std::int64_t time_ms, std::uint64_t sender);

   private:
    SenderTable& table_;
    const std::lock_guard<std::mutex> lock_;
    const std::int64_t end_ms_;
    std::uint32_t last_rp_ = 0;
    std::int64_t last_hour_ = -1;
    SenderTally* last_ = nullptr;
  };

  // One part of what is known of an RP and a day: each life of a store makes parts of its own,
  // whose counts add up. `part` 0: not on disk.
  struct Part {
    std::uint16_t day = 0;
    std::uint32_t rp = 0, part = 0;
    SenderHours hours;
  };
  struct Parts {
    std::vector<Part> in_memory;
    // Of the same moment: a part not among those above is here. One that is, may be here as well,
    // under its number, as it was when last written.
    std::unique_ptr<rocksdb::ManagedSnapshot> on_disk;
  };
  // `rps`: ids, ascending; nothing: of all RPs.
  Parts parts(const TimeRange& range, const std::optional<std::vector<std::uint32_t>>& rps) const;

  // Writes what has changed since the last time, and forgets the senders of hours that are over.
  // Nothing is written of days before `first_day`. One call at a time.
  Status flush(std::int64_t now_ms, std::uint16_t first_day,
               const std::function<Status(rocksdb::WriteBatch*)>& write);

  std::uint64_t entries() const { return entries_count_.load(std::memory_order_relaxed); }
  // Reports that found no room, or had to make it before they were written, since open.
  std::uint64_t left_out() const { return left_out_.load(std::memory_order_relaxed); }

 private:
  struct Open {
    SenderTally tally;
    bool touched = true;  // Since the last flush.
  };
  struct Entry {
    std::uint32_t part = 0;
    bool changed = false;
    std::uint64_t written = 0;  // Reports.
    SenderHours closed;
    std::map<std::uint32_t, Open> open;
  };
  using Key = std::uint64_t;  // Day, RP.
  static Key key_of(std::uint16_t day, std::uint32_t rp) { return Key{day} << 32 | rp; }
  static std::uint16_t day_in(Key key) { return static_cast<std::uint16_t>(key >> 32); }
  static std::uint32_t rp_in(Key key) { return static_cast<std::uint32_t>(key); }
  static SenderHours hours_of(const Entry& entry);
  static std::uint64_t reports_of(const Entry& entry);

  SenderTally* find(std::uint32_t rp, std::int64_t time_ms);
  void make_room(Key spared);
  void close_hours(Entry* entry, std::uint16_t day, std::int64_t now_ms);
  using PartNumbers = std::unordered_map<Key, std::uint32_t>;
  Result<PartNumbers> next_parts(std::uint16_t first_day) const;
  void gather(std::int64_t now_ms, std::uint16_t first_day, const PartNumbers& numbers,
              rocksdb::WriteBatch* batch);

  const Database& database_;
  const std::function<std::int64_t()> now_ms_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, Entry> entries_;
  std::size_t open_ = 0;
  std::size_t last_bucket_ = 0;  // Of entries_, that was looked at to make room.
  std::atomic<std::uint64_t> entries_count_{0}, left_out_{0};
};

}  // namespace kpi
