#include "engine/sender/sender_table.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "engine/key/partition.h"
#include "engine/sender/sender_parts.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

SenderCounts counts_of(const SenderTally& tally) { return {tally.reports(), tally.largest()}; }

}  // namespace

SenderTable::Adder::Adder(SenderTable& table)
    : table_(table),
      lock_(table.mutex_),
      end_ms_((std::max<std::int64_t>(table.now_ms_(), 0) / kHourMs + 2) * kHourMs) {}

void SenderTable::Adder::add(std::uint32_t rp, std::int64_t time_ms, std::uint64_t sender) {
  const std::int64_t hour = time_ms / kHourMs;
  if (last_ == nullptr || rp != last_rp_ || hour != last_hour_) {
    last_ = time_ms < end_ms_ ? table_.find(rp, time_ms) : nullptr;
    last_rp_ = rp;
    last_hour_ = hour;
  }
  if (last_ != nullptr) return last_->add(sender);
  table_.left_out_.fetch_add(1, std::memory_order_relaxed);
}

SenderTally* SenderTable::find(std::uint32_t rp, std::int64_t time_ms) {
  const Key key = key_of(day_of(time_ms), rp);
  auto at = entries_.find(key);
  if (at == entries_.end()) {
    if (entries_.size() == kSenderEntriesMax) make_room(key);
    at = entries_.try_emplace(key).first;
    entries_count_.store(entries_.size(), std::memory_order_relaxed);
  }
  Entry& entry = at->second;
  const std::uint32_t hour = bucket_of(CellWidth::kHour, time_ms);
  auto open = entry.open.find(hour);
  if (open == entry.open.end()) {
    if (open_ == kSenderEntriesMax) make_room(key);
    ++open_;
    open = entry.open.try_emplace(hour).first;
  }
  open->second.touched = entry.changed = true;
  return &open->second.tally;
}

std::uint64_t SenderTable::reports_of(const Entry& entry) {
  std::uint64_t reports = 0;
  for (const auto& [hour, counts] : entry.closed) reports += counts.known;
  for (const auto& [hour, open] : entry.open) reports += open.tally.reports();
  return reports;
}

// Who floods the table with names pushes out his own, not those that many report. What is written
// stays so: of a day whose hours are all over nothing is lost.
void SenderTable::make_room(Key spared) {
  const bool full_of_open = open_ == kSenderEntriesMax;
  std::uint64_t fewest = 0;
  std::optional<Key> goes;
  std::size_t looked_at = 0;
  for (std::size_t left = entries_.bucket_count(); left > 0; --left) {
    last_bucket_ = (last_bucket_ + 1) % entries_.bucket_count();
    for (auto at = entries_.cbegin(last_bucket_); at != entries_.cend(last_bucket_); ++at) {
      const Entry& entry = at->second;
      if (at->first == spared || (full_of_open && entry.open.empty())) continue;
      const std::uint64_t reports = entry.open.empty() ? 0 : reports_of(entry);
      if (!goes || reports < fewest) std::tie(goes, fewest) = std::pair(at->first, reports);
      ++looked_at;
    }
    if (looked_at >= kSenderEvictionSample) break;
  }
  KPI_ASSERT(goes.has_value());  // No entry alone has so many hours.
  const auto at = entries_.find(*goes);
  open_ -= at->second.open.size();
  left_out_.fetch_add(reports_of(at->second) - at->second.written, std::memory_order_relaxed);
  entries_.erase(at);
  entries_count_.store(entries_.size(), std::memory_order_relaxed);
}

SenderHours SenderTable::hours_of(const Entry& entry) {
  SenderHours hours = entry.closed;
  for (const auto& [hour, open] : entry.open) add_part(&hours[hour], counts_of(open.tally));
  return hours;
}

// A part gets its number before it is written and is forgotten after that, both under the lock:
// the snapshot has no part that was given here without a number.
SenderTable::Parts SenderTable::parts(const TimeRange& range,
                                      const std::optional<std::vector<std::uint32_t>>& rps) const {
  Parts parts;
  const std::lock_guard lock(mutex_);
  parts.on_disk = std::make_unique<rocksdb::ManagedSnapshot>(&database_.db());
  for (const auto& [key, entry] : entries_) {
    const std::uint16_t day = day_in(key);
    if (rps && !std::binary_search(rps->begin(), rps->end(), rp_in(key))) continue;
    if (day_begin_ms(day) >= range.end_ms || day_begin_ms(day) + kDayMs <= range.begin_ms) continue;
    parts.in_memory.push_back({day, rp_in(key), entry.part, hours_of(entry)});
  }
  return parts;
}

// Hours that may still get reports at any moment stay open, and so do those that just got some.
void SenderTable::close_hours(Entry* entry, std::uint16_t day, std::int64_t now_ms) {
  for (auto at = entry->open.begin(); at != entry->open.end();) {
    const std::int64_t end_ms = bucket_begin_ms(CellWidth::kHour, day, at->first) + kHourMs;
    if (std::exchange(at->second.touched, false) || end_ms > now_ms) {
      ++at;
      continue;
    }
    add_part(&entry->closed[at->first], counts_of(at->second.tally));
    at = entry->open.erase(at);
    --open_;
  }
}

// Reads outside the lock, for which commits wait. No number is given meanwhile but by the caller.
Result<SenderTable::PartNumbers> SenderTable::next_parts(std::uint16_t first_day) const {
  std::vector<Key> without;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, entry] : entries_) {
      if (entry.changed && entry.part == 0 && day_in(key) >= first_day) without.push_back(key);
    }
  }
  PartNumbers numbers;
  if (without.empty()) return numbers;
  std::sort(without.begin(), without.end());
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator({}, database_.family(Family::kCells)));
  for (const Key key : without) {
    const Result<std::uint32_t> next = next_sender_part(it.get(), day_in(key), rp_in(key));
    if (!next.ok()) return next.error();
    numbers[key] = next.value();
  }
  return numbers;
}

void SenderTable::gather(std::int64_t now_ms, std::uint16_t first_day, const PartNumbers& numbers,
                         rocksdb::WriteBatch* batch) {
  const std::lock_guard lock(mutex_);
  const std::uint16_t today = day_of(std::max<std::int64_t>(now_ms, 0));
  for (auto at = entries_.begin(); at != entries_.end();) {
    Entry& entry = at->second;
    const std::uint16_t day = day_in(at->first);
    const std::uint32_t rp = rp_in(at->first);
    close_hours(&entry, day, now_ms);
    // Who comes late begins a part of his own.
    if (!entry.changed && entry.open.empty() && day < today) {
      at = entries_.erase(at);
      continue;
    }
    const auto number = numbers.find(at->first);
    ++at;
    if (entry.changed && day >= first_day && entry.part == 0) {
      if (number == numbers.end()) continue;  // Came meanwhile: next time.
      entry.part = number->second;
    }
    if (!std::exchange(entry.changed, false) || day < first_day) continue;
    entry.written = reports_of(entry);
    put_sender_part(database_, day, rp, entry.part, hours_of(entry), batch);
  }
  entries_count_.store(entries_.size(), std::memory_order_relaxed);
}

Status SenderTable::flush(std::int64_t now_ms, std::uint16_t first_day,
                          const std::function<Status(rocksdb::WriteBatch*)>& write) {
  const Result<PartNumbers> numbers = next_parts(first_day);
  if (!numbers.ok()) return numbers.error();
  rocksdb::WriteBatch batch;
  gather(now_ms, first_day, numbers.value(), &batch);
  return batch.Count() == 0 ? ok_status() : write(&batch);
}

}  // namespace kpi
