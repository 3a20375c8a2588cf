#include "engine/read/key_cursor.h"

#include <algorithm>

namespace kpi {
namespace {

rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

// What a walk does at a key.
enum class Move : std::uint8_t { kSeek, kNext, kLeave };

// One walk over the wanted series of each partition of some cells.
class CellWalk {
 public:
  CellWalk(KeyCursor* cursor, CellWidth width, CellKind kind, std::uint32_t rollup,
           const SeriesSet& series, const CellVisit& visit)
      : cursor_(*cursor), series_(series), visit_(visit) {
    target_.width = width;
    target_.kind = kind;
    target_.rollup = rollup;
  }

  Status run(TimeRange range) {
    const std::uint32_t last = day_of(range.end_ms - 1);
    const std::uint32_t step = target_.kind == CellKind::kSlab ? 1 : partition_days(target_.width);
    std::uint32_t day = partition_of(day_of(range.begin_ms));
    while (day <= last) {
      target_.first_day = static_cast<std::uint16_t>(day);
      next_day_ = day + step;
      if (Status status = partition(); !status.ok()) return status;
      day = std::max(next_day_, day + step);
    }
    return ok_status();
  }

 private:
  std::uint32_t partition_of(std::uint16_t day) const {
    return partition_first_day(target_.width, target_.kind, day);
  }

  Status partition() {
    const std::optional<SeriesRef> first = series_.at_or_after({0, 0});
    if (!first) return ok_status();
    target_.rp = first->rp;
    target_.series = first->series;
    bool valid = cursor_.seek(encode(target_).view());
    for (;;) {
      if (!valid) {
        next_day_ = 1U << 16;  // Nothing at all follows.
        return cursor_.status();
      }
      Result<CellKey> key = decode_cell_key(cursor_.key());
      if (!key.ok()) return key.error();
      Move move = Move::kLeave;
      if (Status status = at(key.value(), &move); !status.ok()) return status;
      if (move == Move::kLeave) return ok_status();
      valid = move == Move::kNext ? cursor_.next() : cursor_.seek(encode(target_).view());
    }
  }

  Status at(const CellKey& key, Move* move) {
    if (key.first_day != target_.first_day) next_day_ = partition_of(key.first_day);
    if (key.first_day != target_.first_day || key.width != target_.width ||
        key.kind != target_.kind || key.rollup != target_.rollup) {
      return ok_status();
    }
    const SeriesRef here{key.rp, key.series};
    std::optional<SeriesRef> want = series_.at_or_after(here);
    if (want == here) {
      if (Status status = visit_(key, cursor_.value()); !status.ok()) return status;
      // More values of the label may follow.
      if (!is_label_kind(key.kind)) want = series_.at_or_after({here.rp, here.series + 1});
      *move = want ? Move::kNext : Move::kLeave;
    } else if (want) {
      target_.rp = want->rp;
      target_.series = want->series;
      *move = Move::kSeek;
    }
    return ok_status();
  }

  KeyCursor& cursor_;
  const SeriesSet& series_;
  const CellVisit& visit_;
  CellKey target_;
  std::uint32_t next_day_ = 0;
};

class ChunkWalk {
 public:
  ChunkWalk(KeyCursor* cursor, TimeRange range, const SeriesSet& series, bool sparse,
            const ChunkVisit& visit)
      : cursor_(*cursor), range_(range), series_(series), sparse_(sparse), visit_(visit) {}

  Status run() {
    const std::uint32_t last = day_of(range_.end_ms - 1);
    for (std::uint32_t day = day_of(range_.begin_ms); day <= last; day = next_day_) {
      next_day_ = day + 1;
      begin_day(static_cast<std::uint16_t>(day));
      if (Status status = walk_day(); !status.ok()) return status;
    }
    return ok_status();
  }

 private:
  void begin_day(std::uint16_t day) {
    target_ = RawKey{};
    target_.day = day;
    first_hour_ = kHourSparse;
    end_hour_ = kHourSparse;
    if (sparse_) return;
    const std::int64_t begin = std::max<std::int64_t>(range_.begin_ms - day_begin_ms(day), 0);
    const std::int64_t end = std::min(range_.end_ms - day_begin_ms(day), kDayMs);
    first_hour_ = static_cast<std::uint8_t>(begin / kHourMs);
    end_hour_ = static_cast<std::uint8_t>((end + kHourMs - 1) / kHourMs);
  }

  Status walk_day() {
    const std::optional<SeriesRef> first = series_.at_or_after({0, 0});
    if (!first) return ok_status();
    aim(*first, first_hour_);
    bool valid = cursor_.seek(encode(target_).view());
    for (;;) {
      if (!valid) {
        next_day_ = 1U << 16;  // Nothing at all follows.
        return cursor_.status();
      }
      Result<RawKey> key = decode_raw_key(cursor_.key());
      if (!key.ok()) return key.error();
      if (key.value().day != target_.day) {
        next_day_ = key.value().day;
        return ok_status();
      }
      Move move = Move::kLeave;
      if (Status status = at(key.value(), &move); !status.ok()) return status;
      if (move == Move::kLeave) return ok_status();
      valid = move == Move::kNext ? cursor_.next() : cursor_.seek(encode(target_).view());
    }
  }

  Status at(const RawKey& key, Move* move) {
    const SeriesRef here{key.rp, key.series};
    const std::optional<SeriesRef> want = series_.at_or_after(here);
    if (!want) return ok_status();
    *move = Move::kSeek;
    if (*want != here) {
      aim(*want, first_hour_);
    } else if (key.hour < first_hour_) {
      aim(here, first_hour_);
    } else if (key.hour >= end_hour_ && key.hour != kHourSparse) {
      aim(here, kHourSparse);
    } else {
      *move = Move::kNext;
      return visit_(key, cursor_.value());
    }
    return ok_status();
  }

  void aim(SeriesRef series, std::uint8_t hour) {
    target_.rp = series.rp;
    target_.series = series.series;
    target_.hour = hour;
  }

  KeyCursor& cursor_;
  const TimeRange range_;
  const SeriesSet& series_;
  const bool sparse_;
  const ChunkVisit& visit_;
  RawKey target_;
  std::uint8_t first_hour_ = 0, end_hour_ = 0;
  std::uint32_t next_day_ = 0;
};

}  // namespace

KeyCursor::KeyCursor(const ReadSource& source, Family family, std::string end)
    : end_(std::move(end)), end_slice_(end_) {
  rocksdb::ReadOptions options;
  options.snapshot = source.snapshot;
  options.verify_checksums = true;
  options.iterate_upper_bound = &end_slice_;
  it_.reset(source.database->db().NewIterator(options, source.database->family(family)));
}

bool KeyCursor::seek(std::string_view key) {
  it_->Seek(slice_of(key));
  return it_->Valid();
}

bool KeyCursor::next() {
  it_->Next();
  return it_->Valid();
}

Status KeyCursor::status() const {
  if (it_->status().ok()) return ok_status();
  return to_error(it_->status(), "read stored data");
}

Status for_each_cell(KeyCursor* cursor, CellWidth width, CellKind kind, TimeRange range,
                     const SeriesSet& series, const CellVisit& visit) {
  if (range.empty()) return ok_status();
  return CellWalk(cursor, width, kind, 0, series, visit).run(range);
}

Status for_each_label_cell(KeyCursor* cursor, CellKind kind, std::uint32_t rollup, TimeRange range,
                           const SeriesSet& series, const CellVisit& visit) {
  if (range.empty()) return ok_status();
  return CellWalk(cursor, CellWidth::kDay, kind, rollup, series, visit).run(range);
}

Status for_each_chunk(KeyCursor* cursor, TimeRange range, const SeriesSet& series, bool sparse,
                      const ChunkVisit& visit) {
  if (range.empty()) return ok_status();
  return ChunkWalk(cursor, range, series, sparse, visit).run();
}

}  // namespace kpi
