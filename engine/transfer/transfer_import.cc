#include "engine/transfer/transfer_import.h"

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/cell/counts_value.h"
#include "engine/cell/sketches_value.h"
#include "engine/cell/slab.h"
#include "engine/document/document_record.h"
#include "engine/journal/stored_names.h"
#include "engine/key/key.h"
#include "engine/retention/retention.h"
#include "engine/seal/rollups.h"
#include "engine/seal/seal.h"
#include "engine/transfer/portable_senders.h"
#include "kpi/assert.h"
#include "kpi/limits.h"
#include "kpi/sketch.h"

namespace kpi {
namespace {

constexpr char kMetaAdopted[] = "adopted";  // The head, as it was given.

Result<bool> has_no_events(const Database& database, const Live& live) {
  if (live.events() != 0) return false;
  for (const Family family : {Family::kJournal, Family::kRaw, Family::kCells}) {
    const std::unique_ptr<rocksdb::Iterator> it(
        database.db().NewIterator(rocksdb::ReadOptions(), database.family(family)));
    it->SeekToFirst();
    if (!it->status().ok()) return to_error(it->status(), "look for events");
    if (it->Valid()) return false;
  }
  return true;
}

Error wrong(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), {}, 0};
}

Status check_name(std::string_view name, std::size_t bytes_min, std::size_t bytes_max,
                  const char* what) {
  if (name.size() >= bytes_min && name.size() <= bytes_max) return ok_status();
  return wrong(std::string(what) + " of " + std::to_string(bytes_min) + " to " +
               std::to_string(bytes_max) + " bytes was expected");
}

Status check_series(std::string_view rp, std::string_view client) {
  if (Status fits = check_name(rp, 0, kRpBytesMax, "an RP"); !fits.ok()) return fits;
  return check_name(client, 0, kClientBytesMax, "a client");
}

Result<CellWidth> width_of(const PortableCell& cell) {
  for (const CellWidth width : {CellWidth::kMinute, CellWidth::kHour, CellWidth::kDay}) {
    if (bucket_width_ms(width) != cell.width_ms) continue;
    if (cell.begin_ms >= 0 && cell.begin_ms <= kTimeMsMax && cell.begin_ms % cell.width_ms == 0) {
      return width;
    }
    return wrong("a begin at a whole bucket was expected");
  }
  return wrong("a width of a minute, an hour or a day was expected");
}

const Rollup* find_rollup(const ImportTarget& target, std::string_view label) {
  const auto found = std::find_if(target.rollups.begin(), target.rollups.end(),
                                  [&](const Rollup& each) { return each.label == label; });
  return found == target.rollups.end() ? nullptr : &*found;
}

Status check(const Document& document) {
  if (!document_key_of(document.id)) return wrong("an id of 32 hex digits was expected");
  return check_name(document.text, 1, kDocumentBytesMax, "a document");
}

Status check(const StoredName& name) {
  switch (name.kind) {
    case StoredName::Kind::kClient:
      return check_series(name.first, name.second);
    case StoredName::Kind::kMeasure:
      return check_name(name.first, 1, kMeasureNameBytesMax, "a measure");
    case StoredName::Kind::kLabel: {
      Status label = check_name(name.first, 1, kLabelNameBytesMax, "a label");
      if (!label.ok()) return label;
      return check_name(name.second, 1, kLabelValueBytesMax, "a label's value");
    }
  }
  return wrong("a client, a measure or a label was expected");
}

Status check(const KindCount& count) {
  if (count.kind.valid() && count.events > 0 && count.events <= kCountEventsMax &&
      count.weight >= 1000 * count.events) {
    return ok_status();
  }
  return wrong("a count of a known kind, of at least one event and its weight, was expected");
}

Status check(const MeasureSketch& given) {
  Status name = check_name(given.measure, 1, kMeasureNameBytesMax, "a measure");
  if (!name.ok()) return name;
  if (given.outcome > Outcome::kFailure) return wrong("a known outcome was expected");
  const Result<Sketch> sketch = Sketch::decode(given.sketch);
  if (!sketch.ok()) return sketch.error();
  if (sketch.value().empty()) return wrong("a sketch of at least one value was expected");
  return ok_status();
}

Status check(const PortableCell& cell, const ImportTarget& target) {
  const Result<CellWidth> width = width_of(cell);
  if (!width.ok()) return width.error();
  if (day_of(cell.begin_ms) >= target.horizons.raw) {
    return wrong("a cell of a day whose raw events have aged out was expected");
  }
  if (Status fits = check_series(cell.rp, cell.client); !fits.ok()) return fits;
  if (cell.all_rps && !(cell.rp.empty() && cell.client.empty())) {
    return wrong("a cell of all RPs without an RP or client was expected");
  }
  if (!cell.label.empty() && find_rollup(target, cell.label) == nullptr) {
    return wrong("a cell of a label that is rolled up was expected, not of '" +
                 std::string(cell.label) + "'");
  }
  if (cell.label.empty() ? !cell.label_value.empty() : width.value() != CellWidth::kDay) {
    return wrong("a label's cell of a day was expected");
  }
  if (cell.label_value.data() != nullptr && !cell.label.empty()) {
    Status fits = check_name(cell.label_value, 1, kLabelValueBytesMax, "a label's value");
    if (!fits.ok()) return fits;
  }
  for (const KindCount& count : cell.counts) {
    if (Status fits = check(count); !fits.ok()) return fits;
  }
  for (const MeasureSketch& sketch : cell.sketches) {
    if (Status fits = check(sketch); !fits.ok()) return fits;
  }
  return ok_status();
}

Status check(const PortableSenders& senders) {
  Status rp = check_name(senders.rp, 0, kRpBytesMax, "an RP");
  if (!rp.ok()) return rp;
  if (senders.begin_ms < 0 || senders.begin_ms > kTimeMsMax || senders.begin_ms % kHourMs != 0) {
    return wrong("a begin at a whole hour was expected");
  }
  if (senders.counts.known > 0 && senders.counts.known <= kCountEventsMax &&
      senders.counts.largest <= senders.counts.known) {
    return ok_status();
  }
  return wrong("at least one report, and no more of the largest sender, was expected");
}

// Of items that were seen to be right: once a name has an id, nothing may fail any more.
class Import {
 public:
  Import(const ImportTarget& target, rocksdb::WriteBatch* batch) : target_(target), batch_(batch) {}

  void add(const StoredName& name) {
    switch (name.kind) {
      case StoredName::Kind::kClient:
        intern(NameKind::kSeries, intern(NameKind::kRp, 0, name.first), name.second);
        return;
      case StoredName::Kind::kMeasure:
        intern(NameKind::kMeasure, 0, name.first);
        return;
      case StoredName::Kind::kLabel:
        intern(NameKind::kLabelValue, intern(NameKind::kLabel, 0, name.first), name.second);
        return;
    }
  }

  void add(const PortableCell& cell) {
    const CellWidth width = width_of(cell).value();
    const std::uint16_t day = day_of(cell.begin_ms);
    if (has_aged_out(width, day)) return;
    CellKey key{0, width, CellKind::kCounts, 0, 0};
    key.first_day = partition_first_day(key.width, key.kind, day);
    if (!cell.all_rps) {
      key.rp = intern(NameKind::kRp, 0, cell.rp);
      key.series = intern(NameKind::kSeries, key.rp, cell.client);
    }
    if (!cell.label.empty()) {
      key.rollup = find_rollup(target_, cell.label)->id;
      const std::uint32_t label = intern(NameKind::kLabel, 0, cell.label);
      if (cell.label_value.data() != nullptr) {
        key.label_value = intern(NameKind::kLabelValue, label, cell.label_value);
      }
    }
    const std::uint32_t bucket = bucket_of(key.width, cell.begin_ms);
    add_counts(key, bucket, day, cell.counts);
    add_sketches(key, bucket, cell.sketches);
  }

  // Operands of neighbouring buckets go as one.
  void finish() {
    std::sort(sketches_.begin(), sketches_.end());
    for (std::size_t i = 0; i < sketches_.size();) i = write_sketches(i);
    std::sort(counts_.begin(), counts_.end(), [](const Counted& a, const Counted& b) {
      return std::tie(a.key, a.bucket) < std::tie(b.key, b.bucket);
    });
    for (std::size_t i = 0; i < counts_.size();) i = write_counts(i);
  }

  const rocksdb::Status& status() const { return status_; }

 private:
  struct Counted {
    CellKey key;
    std::uint32_t bucket = 0;
    CountsCell counts;
  };
  struct Sketched {
    CellKey key;
    SketchColumn column;
    std::uint32_t bucket = 0;
    std::string sketch;
    auto operator<=>(const Sketched&) const = default;
  };

  std::uint32_t intern(NameKind kind, std::uint32_t parent, std::string_view name) {
    return intern_name(target_.database, target_.dictionary, kind, parent, name, batch_);
  }

  bool has_aged_out(CellWidth width, std::uint16_t day) const {
    if (width == CellWidth::kMinute) return day < target_.horizons.minute;
    return day < (width == CellWidth::kHour ? target_.horizons.hour : target_.horizons.day);
  }

  void add_counts(CellKey key, std::uint32_t bucket, std::uint16_t day,
                  std::span<const KindCount> counts) {
    if (counts.empty()) return;
    if (key.rollup != 0) key.kind = CellKind::kLabelCounts;
    Counted counted{key, bucket, {counts.begin(), counts.end()}};
    fold_counts(&counted.counts);
    if (key.width == CellWidth::kDay && key.series != 0 && key.rollup == 0)
      add_to_slab(key, day, counted.counts);
    counts_.push_back(std::move(counted));
  }

  // Rankings read the day's counts there; they are what the day cell says.
  void add_to_slab(const CellKey& key, std::uint16_t day, const CountsCell& counts) {
    slab_.begin();
    slab_.add({key.series % kSeriesPerSlab, summary_of(counts)});
    merge({day, CellWidth::kDay, CellKind::kSlab, 0, slab_of(key.series)}, slab_.finish());
  }

  // Bytes in a store are canonical, whoever made these.
  void add_sketches(CellKey key, std::uint32_t bucket, std::span<const MeasureSketch> sketches) {
    key.kind = key.rollup == 0 ? CellKind::kSketches : CellKind::kLabelSketches;
    for (const MeasureSketch& given : sketches) {
      builder_.merge(Sketch::decode(given.sketch).value());
      sketches_.push_back({key,
                           {intern(NameKind::kMeasure, 0, given.measure), given.outcome},
                           bucket,
                           builder_.build().bytes()});
    }
  }

  // What has one key and follows on: until a bucket or column comes again.
  std::size_t write_counts(std::size_t from) {
    counts_writer_.begin();
    std::size_t at = from;
    do {
      counts_writer_.add(counts_[at].bucket, counts_[at].counts);
      ++at;
    } while (at < counts_.size() && counts_[at].key == counts_[from].key &&
             counts_[at].bucket != counts_[at - 1].bucket);
    merge(counts_[from].key, counts_writer_.finish());
    return at;
  }

  std::size_t write_sketches(std::size_t from) {
    sketches_writer_.begin();
    sketches_writer_.begin_column(sketches_[from].column);
    std::size_t at = from;
    for (;;) {
      sketches_writer_.add(sketches_[at].bucket, sketches_[at].sketch);
      ++at;
      if (at == sketches_.size() || sketches_[at].key != sketches_[from].key) break;
      if (sketches_[at].column != sketches_[at - 1].column) {
        sketches_writer_.begin_column(sketches_[at].column);
      } else if (sketches_[at].bucket == sketches_[at - 1].bucket) {
        break;
      }
    }
    merge(sketches_[from].key, sketches_writer_.finish());
    return at;
  }

  void merge(const CellKey& key, std::string_view operand) {
    const auto encoded = encode(key);
    const std::string_view bytes = encoded.view();
    const rocksdb::Status merged = batch_->Merge(target_.database.family(Family::kCells),
                                                 rocksdb::Slice(bytes.data(), bytes.size()),
                                                 rocksdb::Slice(operand.data(), operand.size()));
    if (status_.ok()) status_ = merged;
  }

  const ImportTarget& target_;
  rocksdb::WriteBatch* const batch_;
  rocksdb::Status status_;
  std::vector<Counted> counts_;
  std::vector<Sketched> sketches_;
  CountsWriter counts_writer_;
  SketchesWriter sketches_writer_;
  SlabWriter slab_;
  SketchBuilder builder_;
};

Error at_item(const char* what, std::size_t index, const Error& error) {
  return {error.code, std::string(what) + ' ' + std::to_string(index + 1) + ": " + error.message,
          error.hint, 0};
}

}  // namespace

Result<bool> gather_adoption(const Database& database, const Live& live, const TransferHead& head,
                             rocksdb::WriteBatch* batch) {
  std::string given;
  for (const std::int64_t begin_ms :
       {head.raw_from_ms, head.minute_from_ms, head.hour_from_ms, head.day_from_ms}) {
    if (begin_ms < 0 || begin_ms > kTimeMsMax || begin_ms % kDayMs != 0) {
      return wrong("a head of whole days was expected");
    }
    append_little_endian(given, begin_ms);
  }
  append_little_endian(given, head.sequence);
  std::vector<Rollup> labels;
  for (const TransferHead::RolledUpLabel& label : head.labels) {
    if (label.from_ms < 0 || label.from_ms % kDayMs != 0) {
      return wrong("labels rolled up from the begin of a day were expected");
    }
    labels.push_back({label.name, 0, static_cast<std::uint32_t>(label.from_ms / kDayMs)});
    given += label.name + '=' + std::to_string(label.from_ms) + ' ';
  }
  Result<std::string> before = database.meta(kMetaAdopted, nullptr);
  if (!before.ok()) return before.error();
  if (before.value() == given) return false;
  Result<bool> empty = has_no_events(database, live);
  if (!empty.ok()) return empty.error();
  if (!empty.value()) {
    return Error{ErrorCode::kInvalidArgument, "the store has stored events already",
                 "take it into a new directory", 0};
  }
  if (Status s = adopt_rollups(database, labels, day_of(head.raw_from_ms), batch); !s.ok()) {
    return s.error();
  }
  put_horizons(database,
               {day_of(head.raw_from_ms), day_of(head.minute_from_ms), day_of(head.hour_from_ms),
                day_of(head.day_from_ms)},
               batch);
  std::string sequence;
  append_little_endian(sequence, head.sequence);
  rocksdb::ColumnFamilyHandle* meta = database.family(Family::kMeta);
  rocksdb::Status put = batch->Put(meta, kMetaSealed, sequence);
  if (put.ok()) put = batch->Put(meta, kMetaAdopted, given);
  KPI_ASSERT(put.ok());  // Only fails beyond a size limit, which is not set.
  return true;
}

Status gather_import(const ImportTarget& target, const TransferBatch& items,
                     rocksdb::WriteBatch* batch) {
  if (items.names.size() + items.cells.size() + items.documents.size() + items.senders.size() >
      kTransferItemsMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "at most " + std::to_string(kTransferItemsMax) + " items in one step",
                 {},
                 0};
  }
  for (std::size_t i = 0; i < items.names.size(); ++i) {
    const Status fits = check(items.names[i]);
    if (!fits.ok()) return at_item("name", i, fits.error());
  }
  for (std::size_t i = 0; i < items.cells.size(); ++i) {
    const Status fits = check(items.cells[i], target);
    if (!fits.ok()) return at_item("cell", i, fits.error());
  }
  for (std::size_t i = 0; i < items.documents.size(); ++i) {
    const Status fits = check(items.documents[i]);
    if (!fits.ok()) return at_item("document", i, fits.error());
  }
  for (std::size_t i = 0; i < items.senders.size(); ++i) {
    const Status fits = check(items.senders[i]);
    if (!fits.ok()) return at_item("senders", i, fits.error());
  }
  if (!items.cells.empty() || !items.documents.empty() || !items.senders.empty()) {
    const Result<std::string> adopted = target.database.meta(kMetaAdopted, nullptr);
    if (!adopted.ok()) return adopted.error();
    if (adopted.value().empty())
      return wrong("a head was expected before the first cell, senders or document");
  }
  SenderDays senders(target.horizons.hour);
  for (const PortableSenders& hour : items.senders) senders.add(hour);
  Status numbered = senders.find_parts(target.database, *target.dictionary);
  if (!numbered.ok()) return numbered;
  Import import(target, batch);
  for (const StoredName& name : items.names) import.add(name);
  for (const PortableCell& cell : items.cells) import.add(cell);
  import.finish();
  senders.put(target.database, target.dictionary, batch);
  rocksdb::Status documents;
  for (const Document& document : items.documents) {
    const rocksdb::Status put =
        target.documents.put(*document_key_of(document.id), document.text, batch);
    if (documents.ok()) documents = put;
  }
  std::uint64_t bytes = 0;
  if (documents.ok()) documents = target.documents.finish(batch, &bytes);
  KPI_ASSERT(documents.ok());        // As below.
  KPI_ASSERT(import.status().ok());  // Only fails beyond a size limit, which is not set.
  return ok_status();
}

}  // namespace kpi
