#include "tools/kpi_admin/archive/export_store.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>

#include "kpi/engine.h"
#include "tools/kpi_admin/archive/event_line.h"
#include "tools/kpi_admin/archive/hashed_file.h"
#include "tools/kpi_admin/archive/manifest.h"
#include "tools/kpi_admin/archive/progress.h"
#include "tools/kpi_admin/archive/rest_line.h"

namespace kpi::tools {
namespace {

constexpr std::size_t kAppendBytes = 256U << 10;
constexpr const char* kRestName = "rest.ndjson";

struct Day {
  std::int64_t begin_ms = 0;
  std::uint64_t events = 0;
};

std::string name_of_day(std::int64_t begin_ms) {
  const std::time_t seconds = begin_ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "events-%Y-%m-%d.ndjson", &utc);
  return text;
}

// A file whose lines come in pieces.
class LinesFile {
 public:
  explicit LinesFile(HashedFile file) : file_(std::move(file)) {}

  std::string* text() { return &text_; }
  // After each line. False: it cannot be written; status() has why.
  bool line_done() {
    ++lines_;
    if (text_.size() >= kAppendBytes) write();
    return status_.ok();
  }
  const Status& status() const { return status_; }
  std::uint64_t lines() const { return lines_; }

  Result<ArchiveFile> finish(std::string name) {
    write();
    if (!status_.ok()) return status_.error();
    const Result<HashedFile::Written> written = file_.finish();
    if (!written.ok()) return written.error();
    return ArchiveFile{std::move(name), lines_, written.value().bytes, written.value().sha256};
  }

 private:
  void write() {
    if (status_.ok()) status_ = file_.append(text_);
    text_.clear();
  }

  HashedFile file_;
  std::string text_;
  std::uint64_t lines_ = 0;
  Status status_ = ok_status();
};

class Export {
 public:
  Export(const ExportOptions& options, std::stop_token stop)
      : options_(options), stop_(std::move(stop)), progress_(options.quiet) {}

  Result<ExportSummary> run() {
    if (Status ready = prepare(); !ready.ok()) return ready.error();
    if (Status opened = open(); !opened.ok()) return opened.error();
    Result<std::vector<Day>> days = find_days();
    if (!days.ok()) return days.error();
    if (Status rest = write_rest(); !rest.ok()) return rest.error();
    for (const Day& day : days.value()) {
      if (Status written = write_day(day, days.value().size()); !written.ok()) {
        return written.error();
      }
    }
    manifest_.complete = true;
    if (Status written = write_manifest(options_.out, manifest_); !written.ok()) {
      return written.error();
    }
    return summary_;
  }

 private:
  Status prepare() {
    std::error_code error;
    std::filesystem::create_directories(options_.out, error);
    if (error) {
      return Error{ErrorCode::kIo,
                   "cannot create " + options_.out.string() + ": " + error.message()};
    }
    Result<Manifest> before = read_manifest(options_.out);
    if (before.ok()) {
      before_ = std::move(before).value();
    } else if (before.error().code != ErrorCode::kNotFound) {
      return before.error();
    } else if (!std::filesystem::is_empty(options_.out, error)) {
      return Error{ErrorCode::kInvalidArgument,
                   options_.out.string() + " is not empty and no archive", "name a new directory"};
    }
    manifest_.id = random_id();
    return ok_status();
  }

  Status open() {
    EngineOptions engine;
    engine.dir = options_.data_dir;
    engine.read_only = true;
    Result<std::unique_ptr<Engine>> opened = Engine::open(std::move(engine));
    if (!opened.ok()) return opened.error();
    engine_ = std::move(opened).value();
    Result<Engine::Transfer> transfer = engine_->transfer();
    if (!transfer.ok()) return transfer.error();
    transfer_ = std::move(transfer).value();
    manifest_.head = transfer_.rest->head();
    return ok_status();
  }

  // Which days have events, and how many: what the files must then hold.
  Result<std::vector<Day>> find_days() const {
    AggregateRequest request;
    request.range = {manifest_.head.raw_from_ms, kTimeMsMax + 1};
    request.bucket_width_ms = kDayMs;
    request.stop = stop_;
    const Result<AggregateResult> counted = transfer_.view->aggregate(request);
    if (!counted.ok()) return counted.error();
    std::vector<Day> days;
    for (std::size_t i = 0; i < counted.value().size; ++i) {
      days.push_back({counted.value().bucket_begin_ms[i], counted.value().counts[i].events});
    }
    std::sort(days.begin(), days.end(),
              [](const Day& a, const Day& b) { return a.begin_ms < b.begin_ms; });
    return days;
  }

  const ArchiveFile* written_before(const std::string& name) const {
    if (!before_) return nullptr;
    for (const ArchiveFile& file : before_->files) {
      if (file.name == name) return &file;
    }
    return nullptr;
  }

  Result<LinesFile> create(const std::string& name) const {
    Result<HashedFile> file = HashedFile::create(options_.out / name);
    if (!file.ok()) return file.error();
    return LinesFile(std::move(file).value());
  }

  // What an earlier export wrote and this one has not come to yet stays known.
  Status keep(ArchiveFile file) {
    manifest_.files.push_back(std::move(file));
    Manifest so_far = manifest_;
    if (before_) {
      const auto& done = manifest_.files;
      for (const ArchiveFile& earlier : before_->files) {
        const bool again = std::any_of(done.begin(), done.end(), [&](const ArchiveFile& each) {
          return each.name == earlier.name;
        });
        if (!again) so_far.files.push_back(earlier);
      }
    }
    return write_manifest(options_.out, so_far);
  }

  Status write_rest() {
    Result<LinesFile> created = create(kRestName);
    if (!created.ok()) return created.error();
    LinesFile& file = created.value();
    Status read = write_items(&file);
    if (!file.status().ok()) return file.status();
    if (!read.ok()) return read;
    summary_.rest_lines = file.lines();
    Result<ArchiveFile> finished = file.finish(kRestName);
    if (!finished.ok()) return finished.error();
    return keep(std::move(finished).value());
  }

  Status write_items(LinesFile* file) {
    const auto named = [&](const StoredName& name) {
      append_name_line(name, file->text());
      return file->line_done();
    };
    if (Status read = transfer_.rest->for_each_name(named); !read.ok()) return read;
    for (const Milestone& milestone : transfer_.view->milestones()) {
      append_milestone_line(milestone, file->text());
      if (!file->line_done()) return file->status();
    }
    const auto celled = [&](const PortableCell& cell) {
      append_cell_line(cell, file->text());
      progress_.show("cells: " + with_commas(file->lines()));
      return file->line_done();
    };
    if (Status read = transfer_.rest->for_each_cell(stop_, celled); !read.ok()) return read;
    const auto sent = [&](const PortableSenders& senders) {
      append_senders_line(senders, file->text());
      return file->line_done();
    };
    if (Status read = transfer_.rest->for_each_senders(stop_, sent); !read.ok()) return read;
    const Result<std::shared_ptr<const Documents>> documents = engine_->documents();
    if (!documents.ok()) return documents.error();
    return documents.value()->for_each({}, {}, stop_, [&](const Document& document) {
      append_document_line(document, file->text());
      return file->line_done();
    });
  }

  Status write_day(const Day& day, std::size_t days) {
    const std::string name = name_of_day(day.begin_ms);
    ++summary_.days;
    summary_.events += day.events;
    const ArchiveFile* before = written_before(name);
    // Events are only ever added to a day: as many are the same ones.
    if (before != nullptr && before->lines == day.events && is_there(*before)) {
      ++summary_.days_kept;
      return keep(*before);
    }
    Result<LinesFile> created = create(name);
    if (!created.ok()) return created.error();
    LinesFile& file = created.value();
    ScanRequest request;
    request.range = {day.begin_ms, day.begin_ms + kDayMs};
    request.stop = stop_;
    const Result<ScanReport> scanned = transfer_.view->scan(request, [&](const Event& event) {
      append_event_line(event, file.text());
      if (file.lines() % 1024 == 0) {
        progress_.show("day " + std::to_string(summary_.days) + " of " + std::to_string(days) +
                       ": " + with_commas(file.lines()) + " of " + with_commas(day.events) +
                       " events");
      }
      return file.line_done();
    });
    if (!file.status().ok()) return file.status();
    if (!scanned.ok()) return scanned.error();
    if (file.lines() != day.events) {
      return Error{ErrorCode::kCorruption, name + ": cells count " + std::to_string(day.events) +
                                               " events, chunks have " +
                                               std::to_string(file.lines())};
    }
    Result<ArchiveFile> finished = file.finish(name);
    if (!finished.ok()) return finished.error();
    finished.value().events = true;
    finished.value().day_ms = day.begin_ms;
    return keep(std::move(finished).value());
  }

  bool is_there(const ArchiveFile& file) const {
    const Result<std::string> sha256 = sha256_of(options_.out / file.name);
    return sha256.ok() && sha256.value() == file.sha256;
  }

  const ExportOptions& options_;
  const std::stop_token stop_;
  Progress progress_;
  std::optional<Manifest> before_;
  Manifest manifest_;
  std::unique_ptr<Engine> engine_;
  Engine::Transfer transfer_;
  ExportSummary summary_;
};

}  // namespace

Result<ExportSummary> export_store(const ExportOptions& options, std::stop_token stop) {
  return Export(options, std::move(stop)).run();
}

}  // namespace kpi::tools
