#include "kpi/verify.h"

#include <memory>
#include <system_error>
#include <utility>

#include "engine/backup/backup_list.h"
#include "engine/document/document_record.h"
#include "engine/journal/stored_names.h"
#include "engine/journal/watermark.h"
#include "engine/meta/named_value.h"
#include "engine/retention/retention.h"
#include "engine/rocks/format.h"
#include "engine/rocks/table_files.h"
#include "engine/seal/rollups.h"
#include "engine/seal/seal.h"
#include "engine/seen/seen_record.h"
#include "engine/verify/contents.h"
#include "engine/verify/findings.h"
#include "engine/verify/recompute.h"
#include "kpi/backup.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;

bool is_damage(const Error& error) {
  return error.code == ErrorCode::kCorruption || error.code == ErrorCode::kIo;
}

class Verification {
 public:
  Verification(fs::path dir, std::stop_token stop) : dir_(std::move(dir)) {
    findings_.stop = std::move(stop);
  }

  Result<VerifyReport> run() {
    std::error_code error;
    if (!fs::is_directory(dir_, error)) {
      return Error{ErrorCode::kNotFound, dir_.string() + " is not a directory", {}, 0};
    }
    // One part after another; the first error that is not damage ends it.
    for (const auto part : {&Verification::check_list, &Verification::open, &Verification::tables,
                            &Verification::names, &Verification::meta, &Verification::journal,
                            &Verification::chunks, &Verification::cells, &Verification::documents,
                            &Verification::seen, &Verification::recompute}) {
      if (findings_.stop.stop_requested()) return canceled();
      Status done = (this->*part)();
      if (done.ok()) continue;
      if (!is_damage(done.error())) return done.error();
      findings_.damage(done.error().message);
      break;
    }
    return std::move(findings_.report);
  }

 private:
  VerifyReport& report() { return findings_.report; }
  static Error canceled() { return {ErrorCode::kCanceled, "interrupted", {}, 0}; }

  Status check_list() {
    std::error_code error;
    if (!fs::exists(dir_ / kBackupListName, error)) return ok_status();
    report().backup = true;
    const Result<BackupSummary> same = check_backup(dir_, findings_.stop);
    return same.ok() ? ok_status() : Status(same.error());
  }

  Status open() {
    const Watermark watermark(dir_ / "WATERMARK");
    const Result<std::uint64_t> durable = watermark.read();
    if (!durable.ok()) return durable.error();
    durable_ = durable.value();
    const Result<bool> damaged = watermark.is_damaged();
    if (damaged.ok() && damaged.value()) {
      findings_.damage("the file WATERMARK: whether journal records are missing cannot be told");
    }
    EngineOptions options;
    options.dir = dir_;
    options.read_only = true;
    Result<std::unique_ptr<Database>> database = Database::open(options, [](const Error&) {});
    if (!database.ok()) return database.error();
    database_ = std::move(database).value();
    return check_format(*database_, true);
  }

  Status tables() {
    for (const TableFile& table : table_files(*database_)) {
      if (findings_.stop.stop_requested()) return canceled();
      const Status fits = check_table(table);
      // A writer beside us may have dropped it; what it held is read below all the same.
      if (!fits.ok() && fits.error().code == ErrorCode::kNotFound) continue;
      if (!fits.ok()) findings_.damage(fits.error().message);
      ++report().tables;
      report().table_bytes += table.bytes;
    }
    return ok_status();
  }

  Status names() {
    if (Status loaded = load_names(*database_, &dictionary_); !loaded.ok()) return loaded;
    for (const NameKind kind : {NameKind::kRp, NameKind::kSeries, NameKind::kMeasure,
                                NameKind::kLabel, NameKind::kLabelValue}) {
      report().names += dictionary_.count(kind);
    }
    return ok_status();
  }

  Status meta() {
    FamilyWalk walk(*database_, Family::kMeta);
    for (; walk.valid(); walk.next()) {
      ++report().meta;
      for (const std::string_view prefix : {kMilestonePrefix, kMarkPrefix, kRollupPrefix}) {
        if (walk.key().substr(0, prefix.size()) != prefix) continue;
        const auto payload = decode_named(walk.key(), walk.value());
        if (!payload.ok()) findings_.damage(payload.error().message);
      }
    }
    walk.finish("meta", &findings_);
    Result<Horizons> horizons = read_horizons(*database_, nullptr);
    if (!horizons.ok()) return horizons.error();
    horizons_ = horizons.value();
    Result<std::vector<Rollup>> rollups = read_rollups(*database_, nullptr);
    if (!rollups.ok()) return rollups.error();
    rollups_ = std::move(rollups).value();
    Result<std::uint64_t> sealed = meta_number(*database_, kMetaSealed, nullptr);
    if (!sealed.ok()) return sealed.error();
    report().sequence = sealed.value();
    return ok_status();
  }

  Status journal() {
    FamilyWalk walk(*database_, Family::kJournal);
    for (; walk.valid(); walk.next()) {
      const Result<std::uint64_t> sequence = decode_journal_key(walk.key());
      if (!sequence.ok()) {
        findings_.damage("journal", sequence.error());
        continue;
      }
      ++report().journal_records;
      report().sequence = std::max(report().sequence, sequence.value());
      const Status record =
          check_journal_record(walk.value(), dictionary_, &report().journal_events);
      if (!record.ok()) {
        findings_.damage("journal sequence " + std::to_string(sequence.value()), record.error());
      }
    }
    walk.finish("journal", &findings_);
    if (durable_ > report().sequence) {
      findings_.damage("the journal ends at sequence " + std::to_string(report().sequence) +
                       ", but sequence " + std::to_string(durable_) + " had been made durable");
    }
    return ok_status();
  }

  Status chunks() {
    EventColumns events;
    FamilyWalk walk(*database_, Family::kRaw);
    for (; walk.valid(); walk.next()) {
      if (findings_.stop.stop_requested()) return canceled();
      const Result<RawKey> key = decode_raw_key(walk.key());
      if (!key.ok()) {
        findings_.damage("chunk", key.error());
        continue;
      }
      ++report().chunks;
      const Status chunk = check_chunk(key.value(), walk.value(), dictionary_, &events);
      if (chunk.ok()) {
        report().events += events.size();
      } else {
        findings_.damage(to_text(key.value()), chunk.error());
      }
    }
    walk.finish("chunks", &findings_);
    return ok_status();
  }

  Status cells() {
    FamilyWalk walk(*database_, Family::kCells);
    for (; walk.valid(); walk.next()) {
      if (findings_.stop.stop_requested()) return canceled();
      const Result<CellKey> key = decode_cell_key(walk.key());
      if (!key.ok()) {
        findings_.damage("cell", key.error());
        continue;
      }
      ++report().cells;
      const Status cell = check_cell(key.value(), walk.value(), dictionary_, &report().sketches);
      if (!cell.ok()) findings_.damage(to_text(key.value()), cell.error());
    }
    walk.finish("cells", &findings_);
    return ok_status();
  }

  Status documents() {
    FamilyWalk walk(*database_, Family::kDocuments);
    for (; walk.valid(); walk.next()) {
      ++report().documents;
      const auto document = decode_document(walk.key(), walk.value());
      if (!document.ok()) findings_.damage("document", document.error());
    }
    walk.finish("documents", &findings_);
    return ok_status();
  }

  Status seen() {
    if (database_->family(Family::kSeen) == nullptr) return ok_status();
    FamilyWalk walk(*database_, Family::kSeen);
    for (; walk.valid(); walk.next()) {
      ++report().seen;
      const Status record = check_seen(walk.key(), walk.value());
      if (!record.ok()) findings_.damage("request keys", record.error());
    }
    walk.finish("seen", &findings_);
    return ok_status();
  }

  Status recompute() {
    return compare_cells(*database_, dictionary_, horizons_, rollups_, &findings_);
  }

  const fs::path dir_;
  Findings findings_;
  std::uint64_t durable_ = 0;
  std::unique_ptr<Database> database_;
  Dictionary dictionary_;
  Horizons horizons_;
  std::vector<Rollup> rollups_;
};

}  // namespace

Result<VerifyReport> verify_store(const fs::path& dir, std::stop_token stop) {
  return Verification(dir, std::move(stop)).run();
}

}  // namespace kpi
