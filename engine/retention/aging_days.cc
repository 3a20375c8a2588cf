#include <map>
#include <memory>
#include <utility>

#include "engine/base/system_clock.h"
#include "engine/key/key.h"
#include "engine/retention/retention.h"
#include "kpi/retention.h"

namespace kpi {
namespace {

using Kind = AgingDay::Kind;

std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class Count {
 public:
  Count(const Database& database, const Horizons& now, const Horizons& wanted)
      : database_(database), now_(now), wanted_(wanted) {}

  Result<std::vector<AgingDay>> run() {
    if (Status read = count_raw(); !read.ok()) return read.error();
    if (Status read = count_cells(); !read.ok()) return read.error();
    std::vector<AgingDay> days;
    for (const auto& [place, day] : days_) days.push_back(day);
    return days;
  }

 private:
  std::unique_ptr<rocksdb::Iterator> iterate(Family family) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    return std::unique_ptr<rocksdb::Iterator>(
        database_.db().NewIterator(options, database_.family(family)));
  }

  void add(Kind kind, std::uint16_t day, const rocksdb::Iterator& it) {
    AgingDay& counted = days_[{kind, day}];
    counted.kind = kind;
    counted.day_ms = day_begin_ms(day);
    counted.values += 1;
    counted.bytes += it.key().size() + it.value().size();
  }

  Status count_raw() {
    const auto it = iterate(Family::kRaw);
    for (it->Seek(raw_range(now_.raw).begin); it->Valid(); it->Next()) {
      const Result<RawKey> key = decode_raw_key(view_of(it->key()));
      if (!key.ok()) return key.error();
      if (key.value().day >= wanted_.raw) break;
      add(Kind::kRaw, key.value().day, *it);
    }
    return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read raw"));
  }

  Status count_cells() {
    const std::uint16_t end = std::max({wanted_.minute, wanted_.hour, wanted_.day});
    const auto it = iterate(Family::kCells);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const Result<CellKey> key = decode_cell_key(view_of(it->key()));
      if (!key.ok()) return key.error();
      const std::uint16_t day = key.value().first_day;
      if (day >= end) break;
      const CellWidth width = key.value().width;
      if (width == CellWidth::kMinute && day < wanted_.minute) add(Kind::kMinute, day, *it);
      if (width == CellWidth::kHour && day < wanted_.hour) add(Kind::kHour, day, *it);
      if (width == CellWidth::kDay && day < wanted_.day) add(Kind::kDay, day, *it);
    }
    return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read cells"));
  }

  const Database& database_;
  const Horizons now_, wanted_;
  std::map<std::pair<Kind, std::uint16_t>, AgingDay> days_;
};

}  // namespace

Result<std::vector<AgingDay>> aging_days(EngineOptions options) {
  options.read_only = true;
  if (!options.now_ms) options.now_ms = system_now_ms;
  Result<std::unique_ptr<Database>> database = Database::open(options, [](const Error&) {});
  if (!database.ok()) return database.error();
  const Result<Horizons> now = read_horizons(*database.value(), nullptr);
  if (!now.ok()) return now.error();
  return Count(*database.value(), now.value(),
               wanted_horizons(options, options.now_ms(), now.value()))
      .run();
}

}  // namespace kpi
