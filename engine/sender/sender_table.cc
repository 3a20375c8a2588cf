#include "engine/sender/sender_table.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "engine/key/key.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

void add_to(SenderCounts* sum, const SenderTally& tally) {
  sum->known += tally.reports();
  sum->largest = std::max(sum->largest, tally.largest());
}

}  // namespace

void SenderTable::Adder::add(std::uint32_t rp, std::int64_t time_ms, std::uint64_t sender) {
  const std::int64_t hour = time_ms / kHourMs;
  if (last_ == nullptr || rp != last_rp_ || hour != last_hour_) {
    last_ = table_.find(rp, time_ms);
    last_rp_ = rp;
    last_hour_ = hour;
  }
  if (last_ != nullptr) return last_->add(sender);
  table_.left_out_.fetch_add(1, std::memory_order_relaxed);
}

// nullptr: no room.
SenderTally* SenderTable::find(std::uint32_t rp, std::int64_t time_ms) {
  const Key key = key_of(day_of(time_ms), rp);
  auto at = entries_.find(key);
  if (at == entries_.end()) {
    if (entries_.size() == kSenderEntriesMax) return nullptr;
    at = entries_.try_emplace(key).first;
    entries_count_.store(entries_.size(), std::memory_order_relaxed);
  }
  Entry& entry = at->second;
  const std::uint32_t hour = bucket_of(CellWidth::kHour, time_ms);
  auto open = entry.open.find(hour);
  if (open == entry.open.end()) {
    if (open_ == kSenderEntriesMax) return nullptr;
    ++open_;
    open = entry.open.try_emplace(hour).first;
  }
  open->second.touched = entry.changed = true;
  return &open->second.tally;
}

// Between two parts of an hour a sender is another one: the larger count is the surer.
SenderHours SenderTable::hours_of(const Entry& entry) {
  SenderHours hours = entry.closed;
  for (const auto& [hour, open] : entry.open) add_to(&hours[hour], open.tally);
  return hours;
}

std::vector<SenderTable::Part> SenderTable::parts(const TimeRange& range) const {
  std::vector<Part> parts;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, entry] : entries_) {
    const auto day = static_cast<std::uint16_t>(key >> 32);
    if (day_begin_ms(day) >= range.end_ms || day_begin_ms(day) + kDayMs <= range.begin_ms) continue;
    parts.push_back({day, static_cast<std::uint32_t>(key), entry.part, hours_of(entry)});
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
    add_to(&entry->closed[at->first], at->second.tally);
    at = entry->open.erase(at);
    --open_;
  }
}

Result<std::uint32_t> SenderTable::next_part(std::uint16_t day, std::uint32_t rp) const {
  const KeyRange range = cell_range(day, CellWidth::kHour, CellKind::kSenders, rp);
  const rocksdb::Slice begin = range.begin;
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &begin;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(options, database_.family(Family::kCells)));
  it->SeekForPrev(range.end);
  if (!it->Valid()) {
    if (!it->status().ok()) return to_error(it->status(), "read senders");
    return std::uint32_t{1};
  }
  const Result<CellKey> key = decode_cell_key({it->key().data(), it->key().size()});
  if (!key.ok()) return key.error();
  return key.value().rp == rp && key.value().kind == CellKind::kSenders ? key.value().series + 1
                                                                        : 1;
}

Status SenderTable::flush(std::int64_t now_ms, std::uint16_t first_day,
                          const std::function<Status(rocksdb::WriteBatch*)>& write) {
  rocksdb::WriteBatch batch;
  {
    const std::lock_guard lock(mutex_);
    const std::uint16_t today = day_of(std::max<std::int64_t>(now_ms, 0));
    for (auto at = entries_.begin(); at != entries_.end();) {
      Entry& entry = at->second;
      const auto day = static_cast<std::uint16_t>(at->first >> 32);
      const auto rp = static_cast<std::uint32_t>(at->first);
      close_hours(&entry, day, now_ms);
      // Who comes late begins a part of his own.
      if (!entry.changed && entry.open.empty() && day < today) {
        at = entries_.erase(at);
        continue;
      }
      ++at;
      if (!std::exchange(entry.changed, false) || day < first_day) continue;
      if (entry.part == 0) {
        const Result<std::uint32_t> part = next_part(day, rp);
        if (!part.ok()) return part.error();
        entry.part = part.value();
      }
      const auto key = encode(CellKey{day, CellWidth::kHour, CellKind::kSenders, rp, entry.part});
      const rocksdb::Status put =
          batch.Put(database_.family(Family::kCells), {key.bytes.data(), key.size},
                    encode_senders(hours_of(entry)));
      KPI_ASSERT(put.ok());  // Only fails beyond a size limit, which is not set.
    }
    entries_count_.store(entries_.size(), std::memory_order_relaxed);
  }
  return batch.Count() == 0 ? ok_status() : write(&batch);
}

}  // namespace kpi
