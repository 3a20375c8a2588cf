#include "engine/seal/seal.h"

#include <algorithm>

#include "engine/base/bytes.h"
#include "engine/chunk/columns_order.h"
#include "engine/key/key.h"
#include "engine/live/row_decoder.h"
#include "engine/seal/rollups.h"
#include "kpi/assert.h"
#include "kpi/canary.h"

namespace kpi {
namespace {

rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

std::uint64_t pack(std::uint32_t series, std::uint16_t day) {
  return (std::uint64_t{series} << 16) | day;
}

bool has_aged_out(const SealPolicy& policy, std::string_view cell_key) {
  const Result<CellKey> key = decode_cell_key(cell_key);
  KPI_ASSERT(key.ok());  // Of our own making.
  switch (key.value().width) {
    case CellWidth::kMinute:
      return key.value().first_day < policy.minute_first_day;
    case CellWidth::kHour:
      return key.value().first_day < policy.hour_first_day;
    case CellWidth::kDay:
      return key.value().first_day < policy.day_first_day;
  }
  return false;
}

// Of Chrome's and the proposal's timings: how browsers compute the total.
ResidualRule residual_rule(const Dictionary& dictionary) {
  ResidualRule rule;
  const auto target = dictionary.find_measure("turnaround_time");
  const auto show = dictionary.find_measure("time_to_show_ui");
  const auto go_on = dictionary.find_measure("time_to_continue_on_ui");
  const auto token = dictionary.find_measure("time_to_receive_token");
  if (target && show && go_on && token) rule = {*target, {*show, *go_on, *token}};
  return rule;
}

}  // namespace

Seal::Seal(const Database& database, const Dictionary& dictionary, const SealPolicy& policy,
           const std::vector<Rollup>& rollups,
           std::vector<std::shared_ptr<const Generation>> generations, std::uint32_t number)
    : database_(database),
      dictionary_(dictionary),
      policy_(policy),
      generations_(std::move(generations)),
      number_(number),
      residual_(residual_rule(dictionary)),
      last_number_(number) {
  const auto sink = [this](std::string_view key, std::string_view value) {
    if (has_aged_out(policy_, key)) return;
    keep(batch_->Merge(database_.family(Family::kCells), slice_of(key), slice_of(value)));
    if (canary_once("one-cell-merged-twice")) {
      keep(batch_->Merge(database_.family(Family::kCells), slice_of(key), slice_of(value)));
    }
  };
  cells_ = std::make_unique<CellsBuilder>(sink, CellsBuilder::kGatheredValuesMax,
                                          label_rollups(rollups, dictionary));
}

void Seal::keep(const rocksdb::Status& status) {
  if (status_.ok()) status_ = status;
}

Result<bool> Seal::run(std::uint64_t last_sequence, rocksdb::WriteBatch* batch) {
  batch_ = batch;
  if (canary("journal-dropped-before-its-seal")) {
    const auto none = encode_journal_key(0), next = encode_journal_key(last_sequence + 1);
    keep(database_.db().DeleteRange(database_.write_options(), database_.family(Family::kJournal),
                                    slice_of(none.view()), slice_of(next.view())));
  }
  EventColumns events;
  const std::vector<SeriesDay> days = find_days();
  for (std::size_t i = 0; i < days.size(); ++i) {
    if (i == 0 || days[i].day != days[i - 1].day) cells_->begin_day(days[i].day);
    read_day(days[i], kAllHours, &events);
    const DayPlan plan = plan_day(policy_, day_begin_ms(days[i].day), events.times_ms);
    if (!plan.whole()) {
      kept_hours_[pack(days[i].series, days[i].day)] = kAllHours & ~plan.hours;
      kept_series_.push_back(days[i].series);
      if (plan.hours != 0) read_day(days[i], plan.hours, &events);
    }
    if (plan.hours != 0) seal_day(days[i], events, plan.dense);
    if (i + 1 == days.size() || days[i].day != days[i + 1].day) cells_->end_day();
  }
  if (events_sealed_ == 0) return false;
  carry_over();
  rocksdb::ColumnFamilyHandle* journal = database_.family(Family::kJournal);
  const auto first = encode_journal_key(0), last = encode_journal_key(last_sequence),
             end = encode_journal_key(last_sequence + 1);
  keep(batch_->DeleteRange(journal, slice_of(first.view()), slice_of(end.view())));
  if (!carried_record_.empty()) {
    keep(batch_->Put(journal, slice_of(last.view()), carried_record_));
  }
  std::string number, sequence;
  append_little_endian(number, std::uint64_t{last_number_});
  append_little_endian(sequence, last_sequence);
  keep(batch_->Put(database_.family(Family::kMeta), kMetaSeal, number));
  if (!canary("sealed-mark-not-moved")) {
    keep(batch_->Put(database_.family(Family::kMeta), kMetaSealed, sequence));
  }
  if (!status_.ok()) return to_error(status_, "gather a seal");
  return true;
}

// One pass over the times of all rows: which days each series has, ascending by day.
std::vector<Seal::SeriesDay> Seal::find_days() const {
  std::vector<SeriesDay> days;
  for (const auto& generation : generations_) {
    for (const std::uint32_t series : generation->series()) {
      std::uint32_t last_day = 1U << 16;  // None.
      for_each_row(generation->rows(series, ~std::uint64_t{0}), TimeRange{},
                   [&](const Shape&, std::int64_t time_ms, std::string_view) {
                     const std::uint16_t day = day_of(time_ms);
                     if (day == last_day) return;
                     last_day = day;
                     days.push_back({day, series});
                   });
    }
  }
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days;
}

// The events of those hours (one bit each) of a day, ascending by time.
void Seal::read_day(const SeriesDay& at, std::uint32_t hours, EventColumns* events) const {
  const std::int64_t begin_ms = day_begin_ms(at.day);
  const TimeRange range{begin_ms, begin_ms + kDayMs};
  ColumnsBuilder columns(events, every_column());
  for (const auto& generation : generations_) {
    for_each_row(generation->rows(at.series, ~std::uint64_t{0}), range,
                 [&](const Shape& shape, std::int64_t time_ms, std::string_view values) {
                   if (!range.contains(time_ms)) return;
                   const auto hour = static_cast<unsigned>((time_ms - begin_ms) / kHourMs);
                   if ((hours >> hour & 1) != 0) columns.add(shape, time_ms, values);
                 });
  }
  columns.finish();
  sort_by_time(events);
}

void Seal::seal_day(const SeriesDay& at, const EventColumns& events, bool dense) {
  // Where raw events have aged out, every series has hour cells.
  const bool aged = at.day < policy_.raw_first_day;
  cells_->add_series(dictionary_.series(at.series).rp_id, at.series, events, dense || aged);
  if (aged) {
    events_sealed_ += events.size();
    return;
  }
  if (!dense) {
    put_chunks(at, kHourSparse, events, 0, events.size());
    return;
  }
  const std::int64_t begin_ms = day_begin_ms(at.day);
  for (std::size_t begin = 0; begin < events.size();) {
    const auto hour = static_cast<unsigned>((events.times_ms[begin] - begin_ms) / kHourMs);
    const auto next = std::lower_bound(events.times_ms.begin(), events.times_ms.end(),
                                       begin_ms + (hour + 1) * kHourMs);
    const auto end = static_cast<std::size_t>(next - events.times_ms.begin());
    put_chunks(at, static_cast<std::uint8_t>(hour), events, begin, end);
    begin = end;
  }
}

void Seal::put_chunks(const SeriesDay& at, std::uint8_t hour, const EventColumns& events,
                      std::size_t begin, std::size_t end) {
  events_sealed_ += end - begin;
  std::uint32_t piece = 0;
  for (std::size_t from = begin; from < end; ++piece) {
    const std::size_t to = std::min(end, from + kChunkEventsMax);
    const bool all = from == 0 && to == events.size();
    const std::string chunk = encode_chunk(all ? events : slice(events, from, to), residual_);
    RawKey key{at.day, dictionary_.series(at.series).rp_id, at.series, hour, number_ + piece};
    keep(batch_->Put(database_.family(Family::kRaw), slice_of(encode(key).view()), chunk));
    last_number_ = std::max(last_number_, key.seal);
    ++chunks_;
    from = to;
  }
}

bool Seal::is_sealed(std::uint32_t series, std::int64_t time_ms) const {
  const std::uint16_t day = day_of(time_ms);
  const auto kept = kept_hours_.find(pack(series, day));
  if (kept == kept_hours_.end()) return true;
  const auto hour = static_cast<unsigned>((time_ms - day_begin_ms(day)) / kHourMs);
  return (kept->second >> hour & 1) == 0;
}

void Seal::carry_over() {
  if (kept_series_.empty()) return;
  std::sort(kept_series_.begin(), kept_series_.end());
  kept_series_.erase(std::unique(kept_series_.begin(), kept_series_.end()), kept_series_.end());
  carried_ = std::make_shared<Generation>();
  RecordBuilder record;
  std::vector<std::uint32_t> record_shapes;
  for (const std::uint32_t series : kept_series_) carry_series(series, &record, &record_shapes);
  if (record.rows() == 0) {
    carried_.reset();
    return;
  }
  carried_record_ = std::string(record.finish());
  carried_bytes_ = carried_record_.size();
}

void Seal::carry_series(std::uint32_t series, RecordBuilder* record,
                        std::vector<std::uint32_t>* record_shapes) {
  for (const auto& generation : generations_) {
    for_each_row(generation->rows(series, ~std::uint64_t{0}), TimeRange{},
                 [&](const Shape& shape, std::int64_t time_ms, std::string_view values) {
                   if (is_sealed(series, time_ms)) return;
                   const std::uint32_t index = carried_->intern(shape);
                   if (index == record_shapes->size()) {
                     record_shapes->push_back(record->add_shape(shape));
                   }
                   carried_->add(series, index, 0, time_ms, values);
                   record->add_row(time_ms, series, (*record_shapes)[index], values);
                 });
  }
}

}  // namespace kpi
