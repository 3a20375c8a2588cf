#include "engine/read/sender_counts.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "engine/cell/senders_value.h"
#include "engine/key/key.h"
#include "engine/read/like.h"
#include "engine/sender/sender_table.h"

namespace kpi {
namespace {

// Of an RP, which is never NULL, and an hour, which is all of it there from its begin on.
bool fits(const Predicate& where, std::string_view rp, std::int64_t hour_ms) {
  using Kind = Predicate::Kind;
  const auto fits_too = [&](const Predicate& child) { return fits(child, rp, hour_ms); };
  switch (where.kind) {
    case Kind::kTrue:
      return true;
    case Kind::kAnd:
      return std::all_of(where.children.begin(), where.children.end(), fits_too);
    case Kind::kOr:
      return std::any_of(where.children.begin(), where.children.end(), fits_too);
    case Kind::kNot:
      return !fits_too(where.children[0]);
    case Kind::kDimensionIn:
      return std::find(where.values.begin(), where.values.end(), rp) != where.values.end();
    case Kind::kDimensionLike:
      return like_matches(rp, where.values[0]);
    case Kind::kTime:
      return where.range.contains(hour_ms);
    default:
      return false;
  }
}

class Summing {
 public:
  Summing(const ReadSource& source, const AggregateRequest& request, AggregateResult* result)
      : source_(source), request_(request), result_(*result) {
    result_.senders.assign(result_.size, {});
    for (std::size_t group = 0; group < result_.size; ++group) {
      const std::int64_t bucket =
          result_.bucket_begin_ms.empty() ? 0 : result_.bucket_begin_ms[group];
      const std::string_view rp =
          result_.keys.empty() ? std::string_view() : result_.keys[0][group];
      groups_.emplace(std::pair(bucket, rp), group);
    }
  }

  Status run() {
    if (source_.senders == nullptr) return read_all(source_.snapshot);
    const SenderTable::Parts parts = source_.senders->parts(request_.range);
    for (const SenderTable::Part& part : parts.in_memory) {
      in_memory_.emplace(part.day, part.rp, part.part);
      add(part.day, part.rp, part.hours);
    }
    return read_all(parts.on_disk->snapshot());
  }

 private:
  using Hour = std::tuple<std::int64_t, std::uint32_t>;  // Its begin in ms, RP.

  static Error canceled() { return {ErrorCode::kCanceled, "the query was canceled"}; }

  Status read_all(const rocksdb::Snapshot* snapshot) {
    Status read = read_disk(snapshot);
    add_hours_before(kTimeMsMax + 1);
    return read;
  }

  Status read_disk(const rocksdb::Snapshot* snapshot) {
    const TimeRange all{0, kTimeMsMax + 1};
    const std::uint16_t from =
        std::max(source_.horizons.hour,
                 day_of(std::clamp<std::int64_t>(request_.range.begin_ms, 0, kTimeMsMax)));
    const std::int64_t end_ms = std::min(request_.range.end_ms, all.end_ms);
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.snapshot = snapshot;
    const std::unique_ptr<rocksdb::Iterator> it(
        source_.database->db().NewIterator(options, source_.database->family(Family::kCells)));
    for (std::uint32_t day = from; day * kDayMs < end_ms; ++day) {
      if (request_.stop.stop_requested()) return canceled();
      const auto first = static_cast<std::uint16_t>(day);
      const KeyRange range = cell_range(first, CellWidth::kHour, CellKind::kSenders);
      it->Seek(range.begin);
      for (; it->Valid() && it->key().compare(range.end) < 0; it->Next()) {
        if (Status added = add_value(it->key(), it->value()); !added.ok()) return added;
      }
      add_hours_before(day_begin_ms(first) + kDayMs);
      if (!it->Valid()) break;
      const Result<CellKey> next = decode_cell_key({it->key().data(), it->key().size()});
      if (!next.ok()) return next.error();
      // Other cells of the same day may come after its senders.
      if (next.value().first_day > first) day = next.value().first_day - std::uint32_t{1};
    }
    return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read senders"));
  }

  Status add_value(const rocksdb::Slice& key_bytes, const rocksdb::Slice& value) {
    if (request_.stop.stop_requested()) return canceled();
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
    if (rp == 0 || rp > source_.dictionary->count(NameKind::kRp)) return;
    for (const auto& [hour, counts] : hours) {
      const std::int64_t begin_ms = bucket_begin_ms(CellWidth::kHour, day, hour);
      if (!request_.range.contains(begin_ms)) continue;
      SenderCounts& sum = hours_[{begin_ms, rp}];
      sum.known += counts.known;
      sum.largest = std::max(sum.largest, counts.largest);
    }
  }

  // Days are read in order: what is over need not be kept.
  void add_hours_before(std::int64_t end_ms) {
    const auto end = hours_.lower_bound({end_ms, 0});
    for (auto at = hours_.begin(); at != end; at = hours_.erase(at))
      add_hour(at->first, at->second);
  }

  void add_hour(const Hour& hour, const SenderCounts& counts) {
    const auto [begin_ms, rp_id] = hour;
    const std::string_view rp = source_.dictionary->rp(rp_id);
    if (!fits(request_.where, rp, begin_ms)) return;
    const auto at = groups_.find(
        {bucket_of_hour(begin_ms), request_.group_by.empty() ? std::string_view() : rp});
    if (at == groups_.end()) return;
    result_.senders[at->second].known += counts.known;
    result_.senders[at->second].largest += counts.largest;
  }

  std::int64_t bucket_of_hour(std::int64_t begin_ms) const {
    const std::int64_t width = request_.bucket_width_ms;
    if (width == 0) return 0;
    const std::int64_t past = (begin_ms - request_.bucket_origin_ms) % width;
    return begin_ms - (past < 0 ? past + width : past);
  }

  const ReadSource& source_;
  const AggregateRequest& request_;
  AggregateResult& result_;
  std::map<std::pair<std::int64_t, std::string_view>, std::size_t> groups_;
  std::set<std::tuple<std::uint16_t, std::uint32_t, std::uint32_t>> in_memory_;
  std::map<Hour, SenderCounts> hours_;  // Whose parts are not all read yet.
};

}  // namespace

Status add_senders(const ReadSource& source, const AggregateRequest& request,
                   AggregateResult* result) {
  return Summing(source, request, result).run();
}

}  // namespace kpi
