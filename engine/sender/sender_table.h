// The senders of reports by RP and hour: hashes in memory alone, figures of them on disk from
// minute to minute. Fixed memory. Thread-safe.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <rocksdb/write_batch.h>

#include "engine/cell/senders_value.h"
#include "engine/rocks/database.h"
#include "engine/sender/sender_tally.h"
#include "kpi/event.h"
#include "kpi/result.h"

namespace kpi {

// Pairs of RP and day, and of RP and hour, in memory at a time; about 700 bytes each at most.
inline constexpr std::size_t kSenderEntriesMax = 32'768;

class SenderTable {
 public:
  explicit SenderTable(const Database& database) : database_(database) {}

  // For as long as it lives, reports are added. Holds the lock.
  class Adder {
   public:
    explicit Adder(SenderTable& table) : table_(table), lock_(table.mutex_) {}
    // `sender`: not 0.
    void add(std::uint32_t rp, std::int64_t time_ms, std::uint64_t sender);

   private:
    SenderTable& table_;
    const std::lock_guard<std::mutex> lock_;
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
  std::vector<Part> parts(const TimeRange& range) const;  // Those in memory.

  // Writes what has changed since the last time, and forgets the senders of hours that are over.
  // Nothing is written of days before `first_day`.
  Status flush(std::int64_t now_ms, std::uint16_t first_day,
               const std::function<Status(rocksdb::WriteBatch*)>& write);

  std::uint64_t entries() const { return entries_count_.load(std::memory_order_relaxed); }
  // Reports that found no room, since open.
  std::uint64_t left_out() const { return left_out_.load(std::memory_order_relaxed); }

 private:
  struct Open {
    SenderTally tally;
    bool touched = true;  // Since the last flush.
  };
  struct Entry {
    std::uint32_t part = 0;
    bool changed = false;
    SenderHours closed;
    std::map<std::uint32_t, Open> open;
  };
  using Key = std::uint64_t;  // Day, RP.
  static Key key_of(std::uint16_t day, std::uint32_t rp) { return Key{day} << 32 | rp; }
  static SenderHours hours_of(const Entry& entry);

  SenderTally* find(std::uint32_t rp, std::int64_t time_ms);
  void close_hours(Entry* entry, std::uint16_t day, std::int64_t now_ms);
  Result<std::uint32_t> next_part(std::uint16_t day, std::uint32_t rp) const;

  const Database& database_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, Entry> entries_;
  std::size_t open_ = 0;
  std::atomic<std::uint64_t> entries_count_{0}, left_out_{0};
};

}  // namespace kpi
