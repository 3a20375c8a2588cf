#include "kpi/salvage.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "engine/backup/new_directory.h"
#include "engine/base/bytes.h"
#include "engine/cell/counts_value.h"
#include "engine/document/document_record.h"
#include "engine/document/document_writer.h"
#include "engine/journal/watermark.h"
#include "engine/meta/named_value.h"
#include "engine/retention/retention.h"
#include "engine/rocks/format.h"
#include "engine/salvage/lost_names.h"
#include "engine/salvage/name_uses.h"
#include "engine/salvage/tolerant_walk.h"
#include "engine/salvage/work_copy.h"
#include "engine/seal/rollups.h"
#include "engine/seal/seal.h"
#include "engine/seen/seen_record.h"
#include "engine/verify/contents.h"
#include "engine/verify/recompute.h"
#include "kpi/verify.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBatchBytes = 4U << 20;
constexpr std::size_t kMetaKeyBytes = 160;  // "milestone/" and a name of 128.

rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

std::string in_hex(std::string_view bytes) {
  return rocksdb::Slice(slice_of(bytes)).ToString(true);
}

class Salvage {
 public:
  Salvage(const WorkCopy& from, const fs::path& dir, fs::path part, std::stop_token stop)
      : from_(from), dir_(dir), part_(std::move(part)) {
    findings_.stop = std::move(stop);
  }

  Result<SalvageReport> run() {
    report_.opened = from_.opened();
    report_.reason = from_.reason();
    for (const auto step :
         {&Salvage::create, &Salvage::take_meta, &Salvage::take_names, &Salvage::take_chunks,
          &Salvage::take_old_cells, &Salvage::make_cells, &Salvage::take_journal,
          &Salvage::take_documents, &Salvage::take_seen, &Salvage::finish, &Salvage::verify}) {
      if (findings_.stop.stop_requested()) return canceled();
      if (Status done = (this->*step)(); !done.ok()) return done.error();
    }
    return std::move(report_);
  }

 private:
  static Error canceled() { return {ErrorCode::kCanceled, "interrupted", {}, 0}; }

  void lost(std::string what) {
    ++report_.losses_found;
    if (report_.losses.size() < kLossesNamedMax) report_.losses.push_back(std::move(what));
  }

  auto gap_in(const char* what) {
    return [this, what](const Gap& gap) {
      lost(std::string(what) + " from key " + in_hex(gap.after) + " to " +
           (gap.until.empty() ? "the end" : in_hex(gap.until)) + " cannot be read: " + gap.why);
    };
  }

  Status create() {
    EngineOptions options;
    options.dir = part_;
    Result<std::unique_ptr<Database>> database = Database::open(options, [](const Error&) {});
    if (!database.ok()) return database.error();
    to_ = std::move(database).value();
    return check_format(*to_, false);
  }

  void put(Family family, std::string_view key, std::string_view value) {
    keep(batch_.Put(to_->family(family), slice_of(key), slice_of(value)));
  }
  void merge(std::string_view key, std::string_view value) {
    keep(batch_.Merge(to_->family(Family::kCells), slice_of(key), slice_of(value)));
  }
  void put_number(std::string_view key, std::uint64_t number) {
    std::string bytes;
    append_little_endian(bytes, number);
    put(Family::kMeta, key, bytes);
  }
  void keep(const rocksdb::Status& status) {
    if (written_.ok()) written_ = status;
    if (batch_.GetDataSize() >= kBatchBytes) (void)write();
  }
  Status write() {
    rocksdb::WriteOptions unsynced;  // All of it is flushed and synced at the end.
    if (written_.ok()) written_ = to_->db().Write(unsynced, &batch_);
    batch_.Clear();
    return written_.ok() ? ok_status() : Status(to_error(written_, "write the new store"));
  }

  Status take_meta() {
    bool horizons = false;
    const auto take = [&](std::string_view key, std::string_view value) {
      const bool named = key.find('/') != std::string_view::npos;
      if (named && !decode_named(key, value).ok()) return lost("meta: " + std::string(key));
      horizons = horizons || key == "horizons";
      if (key != "format") put(Family::kMeta, key, value);
    };
    walk_tolerantly(from_.database(), Family::kMeta, kMetaKeyBytes, take, gap_in("meta"));
    if (Status written = write(); !written.ok()) return written;
    for (const auto& [key, number] :
         {std::pair{kMetaSeal, &seal_}, std::pair{kMetaSealed, &sequence_}}) {
      const Result<std::uint64_t> found = meta_number(*to_, key, nullptr);
      if (found.ok()) *number = found.value();
    }
    const Result<std::vector<Rollup>> rollups = read_rollups(*to_, nullptr);
    if (rollups.ok()) rollups_ = rollups.value();
    const Result<Horizons> found = read_horizons(*to_, nullptr);
    if (found.ok()) horizons_ = found.value();
    horizons_known_ = horizons || report_.losses_found == 0;
    sealed_ = sequence_;
    return ok_status();
  }

  Status take_names() {
    LostNames names;
    const auto take = [&](std::string_view bytes, std::string_view value) {
      const Result<NameKey> key = decode_name_key(bytes);
      ByteReader reader(value);
      std::uint32_t parent = 0;
      std::string_view name;
      if (!key.ok() || key.value().kind < 1 || key.value().kind > 5 || !reader.varint32(parent) ||
          !reader.take(reader.remaining(), name)) {
        return lost("a name at key " + in_hex(bytes));
      }
      names.add(key.value(), parent, std::string(name));
    };
    walk_tolerantly(from_.database(), Family::kNames, kNameKeyBytes, take, gap_in("names"));
    look_for_uses(&names);
    if (!horizons_known_) horizons_.raw = first_raw_.value_or(0xFFFF);
    const auto put_name = [&](const NameKey& key, std::uint32_t parent, const std::string& name) {
      std::string value;
      append_varint(value, parent);
      value += name;
      put(Family::kNames, encode(key).view(), value);
    };
    const auto invented = [&](const NameKey& key, std::uint32_t, const std::string& name) {
      static constexpr const char* kKinds[] = {"RP", "client", "measure", "label", "label value"};
      lost(std::string("the name of ") + kKinds[key.kind - 1] + " " + std::to_string(key.id) +
           "; it is called '" + name + "' now");
    };
    return names.fill(&dictionary_, put_name, invented);
  }

  // What cannot be read is told of when it is taken.
  void look_for_uses(LostNames* names) {
    const auto ignored = [](const Gap&) {};
    const auto of_chunk = [&](std::string_view bytes, std::string_view value) {
      const Result<RawKey> key = decode_raw_key(bytes);
      if (!key.ok()) return;
      add_uses_of_chunk(key.value(), value, names);
      seal_ = std::max<std::uint64_t>(seal_, key.value().seal);
      if (!first_raw_) first_raw_ = key.value().day;
    };
    walk_tolerantly(from_.database(), Family::kRaw, kRawKeyBytes, of_chunk, ignored);
    const auto of_cell = [&](std::string_view bytes, std::string_view value) {
      const Result<CellKey> key = decode_cell_key(bytes);
      if (key.ok()) add_uses_of_cell(key.value(), value, names);
    };
    walk_tolerantly(from_.database(), Family::kCells, kLabelCellKeyBytes, of_cell, ignored);
    const auto of_record = [&](std::string_view, std::string_view value) {
      add_uses_of_record(value, names);
    };
    walk_tolerantly(from_.database(), Family::kJournal, kJournalKeyBytes, of_record, ignored);
  }

  Status take_chunks() {
    EventColumns events;
    const auto take = [&](std::string_view bytes, std::string_view value) {
      const Result<RawKey> key = decode_raw_key(bytes);
      if (!key.ok()) return lost("a chunk at key " + in_hex(bytes));
      const Status whole = check_chunk(key.value(), value, dictionary_, &events);
      if (!whole.ok()) return lost(to_text(key.value()) + ": " + whole.error().message);
      put(Family::kRaw, bytes, value);
      ++report_.chunks;
      report_.events += events.size();
    };
    walk_tolerantly(from_.database(), Family::kRaw, kRawKeyBytes, take, gap_in("chunks"));
    return write();
  }

  bool has_aged_out(const CellKey& key) const {
    const std::uint16_t horizon = key.width == CellWidth::kMinute ? horizons_.minute
                                  : key.width == CellWidth::kHour ? horizons_.hour
                                                                  : horizons_.day;
    return key.first_day < horizon;
  }

  // Of days without raw events; what holds a week may reach beyond them. Senders are not in events.
  Status take_old_cells() {
    const auto take = [&](std::string_view bytes, std::string_view value) {
      const Result<CellKey> key = decode_cell_key(bytes);
      if (!key.ok()) return lost("a cell at key " + in_hex(bytes));
      std::uint64_t sketches = 0;
      const Status whole = check_cell(key.value(), value, dictionary_, &sketches);
      const bool old = key.value().first_day < horizons_.raw;
      const bool senders = key.value().kind == CellKind::kSenders;
      if (!whole.ok()) {
        if (old || senders) lost(to_text(key.value()) + ": " + whole.error().message);
        return;
      }
      if (senders) return put(Family::kCells, bytes, value);
      count_day(key.value(), value);
      if (!old) return;
      std::string part(value);
      if (key.value().width == CellWidth::kDay && key.value().kind != CellKind::kSlab) {
        const auto days = static_cast<std::uint32_t>(horizons_.raw - key.value().first_day);
        Result<std::string> before = buckets_between(key.value(), value, 0, days);
        part = before.ok() ? std::move(before).value() : std::string();
      }
      if (!part.empty()) merge(bytes, part);
    };
    walk_tolerantly(from_.database(), Family::kCells, kLabelCellKeyBytes, take, gap_in("cells"));
    if (report_.opened == SalvageReport::Opened::kListRebuilt) {
      lost(
          "the list of files: tables that could not be read are left out, and figures of days "
          "before day " +
          std::to_string(horizons_.raw) +
          ", whose events have aged out, may count twice what was being rewritten");
    }
    return write();
  }

  // How many events each day had before: what the chunks no longer tell is lost.
  void count_day(const CellKey& key, std::string_view value) {
    if (key.width != CellWidth::kDay || key.kind != CellKind::kCounts || key.rp != 0) return;
    Result<CountsReader> reader = CountsReader::open(value);
    if (!reader.ok()) return;
    KindCount count;
    while (reader.value().next()) {
      const auto day = static_cast<std::uint16_t>(key.first_day + reader.value().bucket());
      while (day >= horizons_.raw && reader.value().next_kind(&count)) {
        events_before_[day] += count.events;
      }
    }
  }

  Status make_cells() {
    Recompute recompute(*to_, dictionary_, horizons_, rollups_);
    for (const std::uint16_t day : recompute.days(&findings_)) {
      CellMap cells;
      Status made = recompute.day_cells(day, &cells, &findings_);
      if (!made.ok()) return made;
      for (const auto& [bytes, value] : cells) {
        const Result<CellKey> key = decode_cell_key(bytes);
        if (!key.ok() || has_aged_out(key.value())) continue;
        merge(bytes, value);
        if (key.value().kind == CellKind::kCounts && key.value().width == CellWidth::kDay &&
            key.value().rp == 0) {
          tell_lost_events(day, value);
        }
      }
    }
    for (const auto& [day, events] : events_before_) {
      lost("day " + std::to_string(day) + ": all of its " + std::to_string(events) + " events");
    }
    return write();
  }

  void tell_lost_events(std::uint16_t day, std::string_view counts) {
    const auto before = events_before_.find(day);
    if (before == events_before_.end()) return;
    std::uint64_t now = 0;
    KindCount count;
    Result<CountsReader> reader = CountsReader::open(counts);
    while (reader.ok() && reader.value().next()) {
      while (reader.value().next_kind(&count)) now += count.events;
    }
    if (before->second > now) {
      lost("day " + std::to_string(day) + ": " + std::to_string(before->second - now) + " of its " +
           std::to_string(before->second) + " events");
    }
    events_before_.erase(before);
  }

  // Sequences have no holes: what is missing between those that are there is lost.
  Status take_journal() {
    std::uint64_t expected = sealed_ + 1;
    const auto take = [&](std::string_view bytes, std::string_view value) {
      const Result<std::uint64_t> sequence = decode_journal_key(bytes);
      if (!sequence.ok()) return lost("a journal record at key " + in_hex(bytes));
      if (sequence.value() < sealed_) return;  // Its events are in chunks.
      std::uint64_t events = 0;
      const Status whole = check_journal_record(value, dictionary_, &events);
      if (!whole.ok()) {
        return lost("journal sequence " + std::to_string(sequence.value()) + ": " +
                    whole.error().message);
      }
      if (sequence.value() > expected) tell_lost_sequences(expected, sequence.value() - 1);
      expected = sequence.value() + 1;
      put(Family::kJournal, bytes, value);
      sequence_ = std::max(sequence_, sequence.value());
      report_.journal_events += events;
    };
    walk_tolerantly(from_.database(), Family::kJournal, kJournalKeyBytes, take, gap_in("journal"));
    const Watermark watermark(dir_ / "WATERMARK");
    const Result<std::uint64_t> durable = watermark.read();
    const Result<bool> damaged = watermark.is_damaged();
    if (damaged.ok() && damaged.value()) {
      lost("the file WATERMARK: whether journal sequences after " + std::to_string(sequence_) +
           " are missing is not known");
    } else if (durable.ok() && durable.value() > sequence_) {
      tell_lost_sequences(sequence_ + 1, durable.value());
    } else if (report_.opened == SalvageReport::Opened::kLogCut) {
      lost("journal sequences after " + std::to_string(sequence_) + ", how many is not known");
    }
    return write();
  }

  void tell_lost_sequences(std::uint64_t from, std::uint64_t to) {
    lost("journal sequences " + std::to_string(from) + " to " + std::to_string(to));
  }

  Status take_documents() {
    const auto take = [&](std::string_view key, std::string_view value) {
      if (!decode_document(key, value).ok()) return lost("document " + in_hex(key));
      put(Family::kDocuments, key, value);
      ++report_.documents;
    };
    walk_tolerantly(from_.database(), Family::kDocuments, kDocumentKeyBytes, take,
                    gap_in("documents"));
    return write();
  }

  Status take_seen() {
    const auto take = [&](std::string_view key, std::string_view value) {
      if (!check_seen(key, value).ok()) return lost("request key or ticket " + in_hex(key));
      put(Family::kSeen, key, value);
      ++report_.seen;
    };
    walk_tolerantly(from_.database(), Family::kSeen, kSeenKeyBytesMax, take, gap_in("seen"));
    return write();
  }

  Status finish() {
    put_number(kMetaSeal, seal_);
    put_number(kMetaSealed, sealed_);
    const Result<std::uint64_t> dropped = meta_number(*to_, "documents_dropped", nullptr);
    put_number(kMetaDocumentsAdded, report_.documents + (dropped.ok() ? dropped.value() : 0));
    put_horizons(*to_, horizons_, &batch_);
    if (Status written = write(); !written.ok()) return written;
    if (Status flushed = to_->flush(true); !flushed.ok()) return flushed;
    if (Status closed = to_->close(true); !closed.ok()) return closed;
    report_.sequence = sequence_;
    return Watermark(part_ / "WATERMARK").write(sequence_);
  }

  Status verify() {
    const Result<VerifyReport> verified = verify_store(part_, findings_.stop);
    if (!verified.ok()) return verified.error();
    report_.cells = verified.value().cells;
    if (verified.value().damages_found == 0) return ok_status();
    return Error{ErrorCode::kCorruption,
                 "what was salvaged is not whole: " + verified.value().damages.at(0),
                 {},
                 0};
  }

  const WorkCopy& from_;
  const fs::path dir_, part_;
  Findings findings_;
  SalvageReport report_;
  std::unique_ptr<Database> to_;
  rocksdb::WriteBatch batch_;
  rocksdb::Status written_;
  Dictionary dictionary_;
  Horizons horizons_;
  bool horizons_known_ = true;
  std::vector<Rollup> rollups_;
  std::optional<std::uint16_t> first_raw_;
  std::uint64_t seal_ = 0, sealed_ = 0, sequence_ = 0;
  std::map<std::uint16_t, std::uint64_t> events_before_;
};

}  // namespace

Result<SalvageReport> salvage_store(const fs::path& dir, const fs::path& out,
                                    std::stop_token stop) {
  Result<NewDirectory> directory = NewDirectory::begin(out);
  if (!directory.ok()) return directory.error();
  const fs::path& part = directory.value().part();
  fs::path work = part;
  work += ".work";
  Result<WorkCopy> from = WorkCopy::open(dir, work);
  if (!from.ok()) return from.error();
  Result<SalvageReport> report = Salvage(from.value(), dir, part, std::move(stop)).run();
  if (!report.ok()) return report;
  if (Status finished = directory.value().finish(); !finished.ok()) return finished.error();
  return report;
}

}  // namespace kpi
