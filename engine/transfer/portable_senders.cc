#include "engine/transfer/portable_senders.h"

#include <memory>
#include <optional>

#include "engine/journal/stored_names.h"
#include "engine/key/partition.h"
#include "engine/sender/sender_parts.h"

namespace kpi {

void SenderDays::add(const PortableSenders& hour) {
  const std::uint16_t day = day_of(hour.begin_ms);
  if (day < first_day_) return;
  add_part(&days_[{day, hour.rp}].hours[bucket_of(CellWidth::kHour, hour.begin_ms)], hour.counts);
}

Status SenderDays::find_parts(const Database& database, const Dictionary& dictionary) {
  if (days_.empty()) return ok_status();
  const std::unique_ptr<rocksdb::Iterator> cells(
      database.db().NewIterator({}, database.family(Family::kCells)));
  for (auto& [day_and_rp, part] : days_) {
    const std::optional<std::uint32_t> rp = dictionary.find_rp(day_and_rp.second);
    if (!rp) continue;  // A new name has no parts.
    const Result<std::uint32_t> next = next_sender_part(cells.get(), day_and_rp.first, *rp);
    if (!next.ok()) return next.error();
    part.number = next.value();
  }
  return ok_status();
}

void SenderDays::put(const Database& database, Dictionary* dictionary,
                     rocksdb::WriteBatch* batch) const {
  for (const auto& [day_and_rp, part] : days_) {
    const auto [day, rp] = day_and_rp;
    const std::uint32_t id = intern_name(database, dictionary, NameKind::kRp, 0, rp, batch);
    put_sender_part(database, day, id, part.number, part.hours, batch);
  }
}

}  // namespace kpi
