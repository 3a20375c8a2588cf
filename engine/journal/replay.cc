#include "engine/journal/replay.h"

#include <memory>

#include "engine/base/bytes.h"
#include "engine/journal/record.h"
#include "engine/key/key.h"

namespace kpi {
namespace {

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Error corrupt(std::string message) {
  return {ErrorCode::kCorruption, std::move(message), "restore from a backup, or salvage", 0};
}

Error in_record(std::uint64_t sequence, const Error& error) {
  return {error.code, "journal sequence " + std::to_string(sequence) + ": " + error.message,
          error.hint, 0};
}

bool names_known(const Shape& shape, const Dictionary& dictionary) {
  const std::uint32_t measures = dictionary.count(NameKind::kMeasure);
  for (const std::uint32_t id : shape.measures) {
    if (id > measures) return false;
  }
  return true;
}

Status replay_record(std::string_view record, std::uint64_t sequence, const Dictionary& dictionary,
                     Generation* generation, std::uint64_t* events) {
  const std::uint32_t label_values = dictionary.count(NameKind::kLabelValue);
  const std::uint32_t series = dictionary.count(NameKind::kSeries);
  Result<RecordReader> reader = RecordReader::open(record, [&](std::uint32_t value) {
    return value <= label_values ? dictionary.label_value(value).label_id : 0;
  });
  if (!reader.ok()) return in_record(sequence, reader.error());
  std::vector<std::uint32_t> shapes;
  for (const Shape& shape : reader.value().shapes()) {
    if (!names_known(shape, dictionary)) return corrupt("journal: a measure that has no name");
    shapes.push_back(generation->intern(shape));
  }
  RecordReader::Row row;
  for (;;) {
    Result<bool> more = reader.value().next(&row);
    if (!more.ok()) return in_record(sequence, more.error());
    if (!more.value()) return ok_status();
    if (row.series > series) return corrupt("journal: a series that has no name");
    generation->add(row.series, shapes[row.shape], sequence, row.time_ms, row.values);
    ++*events;
  }
}

}  // namespace

Result<Replayed> replay_journal(const Database& database, const Dictionary& dictionary,
                                Live* live) {
  Replayed result;
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(rocksdb::ReadOptions(), database.family(Family::kJournal)));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const auto sequence = decode_journal_key(view(it->key()));
    if (!sequence.ok()) return corrupt("journal: a damaged key");
    Status replayed = replay_record(view(it->value()), sequence.value(), dictionary,
                                    &live->active(), &result.events);
    if (!replayed.ok()) return replayed.error();
    result.last_sequence = sequence.value();
    result.bytes += it->value().size();
    ++result.records;
  }
  if (!it->status().ok()) return to_error(it->status(), "read the journal");
  live->publish(result.last_sequence);
  return result;
}

}  // namespace kpi
