#include "engine/read/sender_hours.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine/cell/senders_value.h"
#include "engine/key/key.h"
#include "engine/sender/sender_table.h"

namespace kpi {
namespace {

class SenderWalk {
 public:
  SenderWalk(const ReadSource& source, const TimeRange& range, const SenderRps& rps,
             std::stop_token stop, const SenderHourSink& sink)
      : source_(source), range_(range), rps_(rps), stop_(std::move(stop)), sink_(sink) {}

  Status run() {
    if (source_.senders == nullptr) return read_all(source_.snapshot);
    const SenderTable::Parts parts = source_.senders->parts(range_, rps_);
    for (const SenderTable::Part& part : parts.in_memory) {
      in_memory_.emplace(part.day, part.rp, part.part);
      add(part.day, part.rp, part.hours);
    }
    return read_all(parts.on_disk->snapshot());
  }

 private:
  using Hour = std::tuple<std::int64_t, std::uint32_t>;  // Its begin in ms, RP.

  Status read_all(const rocksdb::Snapshot* snapshot) {
    if (Status read = read_disk(snapshot); !read.ok()) return read;
    hand_over_before(kTimeMsMax + 1);
    return ok_status();
  }

  Status read_disk(const rocksdb::Snapshot* snapshot) {
    const std::uint16_t from = std::max(
        source_.horizons.hour, day_of(std::clamp<std::int64_t>(range_.begin_ms, 0, kTimeMsMax)));
    const std::int64_t end_ms = std::min(range_.end_ms, kTimeMsMax + 1);
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.snapshot = snapshot;
    const std::unique_ptr<rocksdb::Iterator> it(
        source_.database->db().NewIterator(options, source_.database->family(Family::kCells)));
    for (std::uint32_t day = from; more_ && day * kDayMs < end_ms; ++day) {
      if (Status going_on = check_stop(); !going_on.ok()) return going_on;
      const auto first = static_cast<std::uint16_t>(day);
      if (Status read = read_day(first, it.get()); !read.ok()) return read;
      hand_over_before(day_begin_ms(first) + kDayMs);
      if (!it->Valid()) break;
      const Result<CellKey> next = decode_cell_key({it->key().data(), it->key().size()});
      if (!next.ok()) return next.error();
      // Other cells of the same day may come after its senders.
      if (next.value().first_day > first) day = next.value().first_day - std::uint32_t{1};
    }
    return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read senders"));
  }

  Status read_day(std::uint16_t day, rocksdb::Iterator* it) {
    if (!rps_) return read_range(cell_range(day, CellWidth::kHour, CellKind::kSenders), it);
    for (const std::uint32_t rp : *rps_) {
      const KeyRange range = cell_range(day, CellWidth::kHour, CellKind::kSenders, rp);
      if (Status read = read_range(range, it); !read.ok()) return read;
    }
    return ok_status();
  }

  Status read_range(const KeyRange& range, rocksdb::Iterator* it) {
    it->Seek(range.begin);
    for (; it->Valid() && it->key().compare(range.end) < 0; it->Next()) {
      if (Status added = add_value(it->key(), it->value()); !added.ok()) return added;
    }
    return ok_status();
  }

  Status check_stop() const {
    if (!stop_.stop_requested()) return ok_status();
    return Error{ErrorCode::kCanceled, "the query was canceled"};
  }

  Status add_value(const rocksdb::Slice& key_bytes, const rocksdb::Slice& value) {
    if (Status going_on = check_stop(); !going_on.ok()) return going_on;
    const Result<CellKey> key = decode_cell_key({key_bytes.data(), key_bytes.size()});
    if (!key.ok()) return key.error();
    if (in_memory_.count({key.value().first_day, key.value().rp, key.value().series}) != 0) {
      return ok_status();
    }
    const Result<SenderHours> hours = decode_senders({value.data(), value.size()});
    if (!hours.ok()) return hours.error();
    add(key.value().first_day, key.value().rp, hours.value());
    return ok_status();
  }

  void add(std::uint16_t day, std::uint32_t rp, const SenderHours& hours) {
    if (day < source_.horizons.hour) return;  // May be in memory still.
    if (rp == 0 || rp > source_.dictionary->count(NameKind::kRp)) return;
    for (const auto& [hour, counts] : hours) {
      const std::int64_t begin_ms = bucket_begin_ms(CellWidth::kHour, day, hour);
      if (range_.contains(begin_ms)) add_part(&hours_[{begin_ms, rp}], counts);
    }
  }

  // Days are read in order: what is over need not be kept.
  void hand_over_before(std::int64_t end_ms) {
    const auto end = hours_.lower_bound({end_ms, 0});
    for (auto at = hours_.begin(); at != end; at = hours_.erase(at)) {
      const auto [begin_ms, rp] = at->first;
      more_ = more_ && sink_(begin_ms, rp, at->second);
    }
  }

  const ReadSource& source_;
  const TimeRange& range_;
  const SenderRps& rps_;
  const std::stop_token stop_;
  const SenderHourSink& sink_;
  bool more_ = true;
  std::set<std::tuple<std::uint16_t, std::uint32_t, std::uint32_t>> in_memory_;
  std::map<Hour, SenderCounts> hours_;  // Whose parts are not all read yet.
};

}  // namespace

Status for_each_sender_hour(const ReadSource& source, const TimeRange& range, const SenderRps& rps,
                            std::stop_token stop, const SenderHourSink& sink) {
  if (rps && rps->empty()) return ok_status();
  return SenderWalk(source, range, rps, std::move(stop), sink).run();
}

}  // namespace kpi
