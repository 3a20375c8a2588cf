#include "engine/transfer/transfer_export.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "engine/cell/cells_builder.h"
#include "engine/chunk/columns_order.h"
#include "engine/key/key.h"
#include "engine/read/sender_hours.h"
#include "engine/rocks/format.h"
#include "engine/seal/rollups.h"
#include "engine/seal/seal.h"
#include "engine/transfer/portable_cells.h"

namespace kpi {
namespace {

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Error in_cell(const CellKey& key, const Error& error) {
  return {error.code,
          "cells of day " + std::to_string(key.first_day) + ", series " +
              std::to_string(key.series) + ": " + error.message,
          error.hint, 0};
}

}  // namespace

Result<std::shared_ptr<const TransferSource>> TransferExport::take(std::shared_ptr<const View> view,
                                                                   const ReadSource& source) {
  auto taken = std::shared_ptr<TransferExport>(new TransferExport(std::move(view), source));
  if (Status read = taken->read_sequence(); !read.ok()) return read.error();
  return std::shared_ptr<const TransferSource>(std::move(taken));
}

Status TransferExport::read_sequence() {
  Result<std::uint64_t> sealed = meta_number(*source_.database, kMetaSealed, source_.snapshot);
  if (!sealed.ok()) return sealed.error();
  sequence_ = sealed.value();
  rocksdb::ReadOptions options;
  options.snapshot = source_.snapshot;
  const std::unique_ptr<rocksdb::Iterator> it(
      source_.database->db().NewIterator(options, source_.database->family(Family::kJournal)));
  it->SeekToLast();
  if (!it->Valid()) {
    return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read the journal"));
  }
  const Result<std::uint64_t> last = decode_journal_key(view(it->key()));
  if (!last.ok()) return last.error();
  sequence_ = std::max(sequence_, last.value());
  return ok_status();
}

TransferHead TransferExport::head() const {
  TransferHead head{day_begin_ms(source_.horizons.raw),
                    day_begin_ms(source_.horizons.minute),
                    day_begin_ms(source_.horizons.hour),
                    day_begin_ms(source_.horizons.day),
                    sequence_,
                    {}};
  for (const Rollup& rollup : source_.rollups) {
    head.labels.push_back({rollup.label, std::int64_t{rollup.first_day} * kDayMs});
  }
  return head;
}

Status TransferExport::for_each_name(const NameSink& sink) const {
  const std::uint32_t series = source_.dictionary->count(NameKind::kSeries);
  for (std::uint32_t id = 1; id <= series; ++id) {
    const Dictionary::Series pair = source_.dictionary->series(id);
    if (!sink({StoredName::Kind::kClient, source_.dictionary->rp(pair.rp_id), pair.client})) {
      return ok_status();
    }
  }
  const std::uint32_t measures = source_.dictionary->count(NameKind::kMeasure);
  for (std::uint32_t id = 1; id <= measures; ++id) {
    if (!sink({StoredName::Kind::kMeasure, source_.dictionary->measure(id), {}}))
      return ok_status();
  }
  const std::uint32_t values = source_.dictionary->count(NameKind::kLabelValue);
  for (std::uint32_t id = 1; id <= values; ++id) {
    const Dictionary::LabelValue pair = source_.dictionary->label_value(id);
    if (!sink({StoredName::Kind::kLabel, source_.dictionary->label(pair.label_id), pair.value})) {
      return ok_status();
    }
  }
  return ok_status();
}

Status TransferExport::for_each_cell(std::stop_token stop, const PortableCellSink& sink) const {
  bool more = true;
  if (Status read = stored_cells(stop, sink, &more); !read.ok() || !more) return read;
  return late_cells(stop, sink, &more);
}

Status TransferExport::for_each_senders(std::stop_token stop,
                                        const PortableSendersSink& sink) const {
  return for_each_sender_hour(
      source_, {0, kTimeMsMax + 1}, {}, std::move(stop),
      [&](std::int64_t begin_ms, std::uint32_t rp, const SenderCounts& counts) {
        return sink({source_.dictionary->rp(rp), begin_ms, counts});
      });
}

Status TransferExport::stored_cells(const std::stop_token& stop, const PortableCellSink& sink,
                                    bool* more) const {
  rocksdb::ReadOptions options;
  options.snapshot = source_.snapshot;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(
      source_.database->db().NewIterator(options, source_.database->family(Family::kCells)));
  for (it->SeekToFirst(); *more && it->Valid(); it->Next()) {
    if (stop.stop_requested()) return Error{ErrorCode::kCanceled, "canceled"};
    const Result<CellKey> key = decode_cell_key(view(it->key()));
    if (!key.ok()) return key.error();
    if (key.value().first_day >= source_.horizons.raw) break;
    const Status read = visit_cells(source_, key.value(), view(it->value()), sink, more);
    if (!read.ok()) return in_cell(key.value(), read.error());
  }
  return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read cells"));
}

// Events that came after the raw events of their day had aged out and are not sealed yet: a seal
// would make cells of them, and no chunk.
Status TransferExport::late_cells(const std::stop_token& stop, const PortableCellSink& sink,
                                  bool* more) const {
  const std::int64_t end_ms = day_begin_ms(source_.horizons.raw);
  Status visited = ok_status();
  const auto to_cells = [&](std::string_view key_bytes, std::string_view value) {
    const CellKey key = decode_cell_key(key_bytes).value();  // Of our own making.
    if (visited.ok() && *more) visited = visit_cells(source_, key, value, sink, more);
  };
  CellsBuilder builder(to_cells, CellsBuilder::kGatheredValuesMax,
                       label_rollups(source_.rollups, *source_.dictionary));
  EventColumns events;
  std::map<std::uint16_t, std::vector<std::uint32_t>> series_by_day;
  for (const std::uint32_t series : source_.live->series()) {
    source_.live->read(series, {0, end_ms}, &events);
    std::set<std::uint16_t> days;
    for (const std::int64_t time_ms : events.times_ms) days.insert(day_of(time_ms));
    for (const std::uint16_t day : days) series_by_day[day].push_back(series);
  }
  for (const auto& [day, of_day] : series_by_day) {
    builder.begin_day(day);
    for (const std::uint32_t series : of_day) {
      if (stop.stop_requested()) return Error{ErrorCode::kCanceled, "canceled"};
      source_.live->read(series, {day_begin_ms(day), day_begin_ms(day) + kDayMs}, &events);
      sort_by_time(&events);
      builder.add_series(source_.dictionary->series(series).rp_id, series, events, true);
    }
    builder.end_day();
  }
  return visited;
}

}  // namespace kpi
