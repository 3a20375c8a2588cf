// Which request keys were written when: a bounded memory of their hashes, oldest out first. Pure,
// not thread-safe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace kpi {

struct SeenKey {
  std::uint64_t high = 0, low = 0;
  bool operator==(const SeenKey&) const = default;
};

class SeenTable {
 public:
  // At least one. Memory: up to 40 bytes an entry.
  explicit SeenTable(std::size_t entries_max);

  struct Entry {
    SeenKey key;
    std::int64_t when_ms = 0;
  };
  // Each entry has a number, from 0, in the order of add().
  struct Found {
    std::uint64_t number = 0;
    std::int64_t when_ms = 0;
  };
  std::optional<Found> find(const SeenKey& key) const;
  // `when_ms` is not less than that of the entry before. A key that is there counts as new again.
  // Where the table is full, the oldest entry goes. True: it had to.
  bool add(const SeenKey& key, std::int64_t when_ms);
  // Forgets the entries of `when_ms` and before.
  void drop_to(std::int64_t when_ms);
  void clear();

  std::size_t size() const { return entries_.size(); }
  std::uint64_t next_number() const { return first_number_ + entries_.size(); }
  std::optional<std::int64_t> oldest_ms() const;

 private:
  std::size_t slot_of(const SeenKey& key) const;  // Where it is, or the free slot it would take.
  const Entry& entry_in(std::size_t slot) const {
    return entries_[slots_[slot] - 1 - first_number_];
  }
  void drop_oldest();
  void free_slot(std::size_t slot);
  void grow();

  const std::size_t entries_max_;
  std::deque<Entry> entries_;
  std::uint64_t first_number_ = 0;
  std::vector<std::uint64_t> slots_;  // 1 + number, 0 free; a power of two, at most half full.
};

}  // namespace kpi
