#include "tools/kpi_admin/archive/import_store.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "kpi/engine.h"
#include "tools/kpi_admin/archive/event_line.h"
#include "tools/kpi_admin/archive/hashed_file.h"
#include "tools/kpi_admin/archive/manifest.h"
#include "tools/kpi_admin/archive/progress.h"
#include "tools/kpi_admin/archive/rest_line.h"

namespace kpi::tools {
namespace {

constexpr std::size_t kRestLinesPerWrite = 2'000;
constexpr const char* kDone = "done";

// Up to where an import has come: so many files are done, and of the next one so many bytes.
struct Place {
  std::size_t files = 0;
  std::uint64_t offset = 0;
};

std::string text_of(const Place& place) {
  return std::to_string(place.files) + ' ' + std::to_string(place.offset);
}

Result<Place> parse_place(const std::string& text) {
  Place place;
  const char* const end = text.data() + text.size();
  const auto files = std::from_chars(text.data(), end, place.files);
  if (files.ec == std::errc{} && files.ptr != end && *files.ptr == ' ') {
    const auto offset = std::from_chars(files.ptr + 1, end, place.offset);
    if (offset.ec == std::errc{} && offset.ptr == end) return place;
  }
  return Error{ErrorCode::kCorruption, "the store remembers a damaged place of this import"};
}

Error canceled() {
  return {ErrorCode::kCanceled, "interrupted", "run the same command again to go on"};
}

Error in_line(const std::filesystem::path& path, std::uint64_t line, const Error& error) {
  return {error.code == ErrorCode::kInvalidArgument ? ErrorCode::kCorruption : error.code,
          path.string() + ", line " + std::to_string(line) + ": " + error.message, error.hint};
}

class Import {
 public:
  Import(const ImportOptions& options, std::stop_token stop)
      : options_(options), stop_(std::move(stop)), progress_(options.quiet) {}

  Result<ImportSummary> run() {
    if (Status listed = list_files(); !listed.ok()) return listed.error();
    if (Status opened = open(); !opened.ok()) return opened.error();
    const Result<std::string> mark = engine_->mark(mark_name_);
    if (mark.ok() && mark.value() == kDone) {
      summary_.already_done = true;
      return summary_;
    }
    if (Status begun = begin(mark); !begun.ok()) return begun.error();
    while (place_.files < files_.size()) {
      if (Status taken = take_file(files_[place_.files]); !taken.ok()) return taken.error();
    }
    if (Status flushed = engine_->flush(); !flushed.ok()) return flushed.error();
    if (Status done = engine_->append(Batch(), {mark_name_, kDone}); !done.ok()) {
      return done.error();
    }
    const Status closed = engine_->close();
    if (!closed.ok()) return closed.error();
    return summary_;
  }

 private:
  // A file of events has no manifest: its own bytes are its name.
  Status list_files() {
    if (!options_.events.empty()) {
      Result<std::string> sha256 = sha256_of(options_.events);
      if (!sha256.ok()) return sha256.error();
      mark_name_ = "import/" + sha256.value();
      dir_ = options_.events.parent_path();
      ArchiveFile file;
      file.name = options_.events.filename().string();
      file.events = true;
      files_.push_back(std::move(file));
      return ok_status();
    }
    Result<Manifest> manifest = read_manifest(options_.archive);
    if (!manifest.ok()) return manifest.error();
    if (!manifest.value().complete) {
      return Error{ErrorCode::kInvalidArgument, "the export into it was interrupted",
                   "run kpi-admin export again with the same --out"};
    }
    mark_name_ = "import/" + manifest.value().id;
    dir_ = options_.archive;
    head_ = manifest.value().head;
    files_ = std::move(manifest.value().files);
    return ok_status();
  }

  // Nothing ages out while its events are under way; the server's own retention comes later.
  Status open() {
    EngineOptions engine;
    engine.dir = options_.data_dir;
    engine.retention_raw_days = engine.retention_minute_days = engine.retention_hour_days = 0;
    engine.dedup_window_ms = kRequestKeysAllMs;
    engine.dedup_entries_max = kRequestKeysAll;
    for (const auto& label : head_.labels) engine.rollup_labels.push_back(label.name);
    // Whoever imports has chosen the names; under (other) they would be lost for good.
    engine.name_limits = NameLimits::none();
    Result<std::unique_ptr<Engine>> opened = Engine::open(std::move(engine));
    if (!opened.ok()) return opened.error();
    engine_ = std::move(opened).value();
    return ok_status();
  }

  Status begin(const Result<std::string>& mark) {
    if (mark.ok()) {
      Result<Place> place = parse_place(mark.value());
      if (!place.ok()) return place.error();
      place_ = place.value();
      return ok_status();
    }
    if (mark.error().code != ErrorCode::kNotFound) return mark.error();
    return options_.events.empty() ? engine_->adopt(head_) : check_events(options_.events);
  }

  // A file that is mended after some of it was taken would be another one: that goes in twice.
  Status check_events(const std::filesystem::path& path) {
    Result<LineReader> reader = LineReader::open(path, 0);
    if (!reader.ok()) return reader.error();
    Batch batch;
    std::string_view line;
    for (std::uint64_t number = 1;; ++number) {
      if (stop_.stop_requested()) return canceled();
      const Result<bool> more = reader.value().next(&line);
      if (!more.ok()) return more.error();
      if (!more.value()) return ok_status();
      if (line.empty()) continue;
      batch.clear();
      if (Status added = add_event_line(line, &batch); !added.ok()) {
        return in_line(path, number, added.error());
      }
      progress_.show(path.filename().string() + ": " + with_commas(number) + " lines checked");
    }
  }

  Status take_file(const ArchiveFile& file) {
    const std::filesystem::path path = dir_ / file.name;
    if (!file.sha256.empty()) {
      Result<std::string> sha256 = sha256_of(path);
      if (!sha256.ok()) return sha256.error();
      if (sha256.value() != file.sha256) {
        return Error{ErrorCode::kCorruption, path.string() + " is not what its manifest says"};
      }
    }
    Result<LineReader> reader = LineReader::open(path, place_.offset);
    if (!reader.ok()) return reader.error();
    Status taken =
        file.events ? take_events(path, &reader.value()) : take_rest(path, &reader.value());
    if (!taken.ok()) return taken;
    place_ = {place_.files + 1, 0};
    return ok_status();
  }

  Mark mark_at(std::uint64_t offset) const { return {mark_name_, text_of({place_.files, offset})}; }

  Status take_events(const std::filesystem::path& path, LineReader* reader) {
    Batch batch;
    std::string_view line;
    for (std::uint64_t number = 1;; ++number) {
      const Result<bool> more = reader->next(&line);
      if (!more.ok()) return more.error();
      if (batch.size() >= options_.events_per_write || (!more.value() && !batch.empty())) {
        if (Status written = write_events(&batch); !written.ok()) return written;
      }
      if (!more.value()) return ok_status();
      if (!line.empty()) {
        Status added = add_event_line(line, &batch);
        // A batch is bounded in bytes as well.
        if (!added.ok() && added.error().code == ErrorCode::kLimitExceeded && !batch.empty()) {
          if (Status written = write_events(&batch); !written.ok()) return written;
          added = add_event_line(line, &batch);
        }
        if (!added.ok()) return in_line(path, number, added.error());
      }
      batch_end_ = reader->offset();
    }
  }

  Status write_events(Batch* batch) {
    if (stop_.stop_requested()) return canceled();
    const std::uint64_t events = batch->size();
    Status written = engine_->append(std::move(*batch), mark_at(batch_end_));
    if (!written.ok()) return written;
    *batch = Batch();
    summary_.events += events;
    progress_.show(files_[place_.files].name + ": " + with_commas(summary_.events) + " events");
    return ok_status();
  }

  Status take_rest(const std::filesystem::path& path, LineReader* reader) {
    RestLines lines;
    std::string_view line;
    for (std::uint64_t number = 1;; ++number) {
      const Result<bool> more = reader->next(&line);
      if (!more.ok()) return more.error();
      if (more.value() && !line.empty()) {
        if (Status added = lines.add(line); !added.ok())
          return in_line(path, number, added.error());
      }
      if (lines.size() >= kRestLinesPerWrite || (!more.value() && lines.size() > 0)) {
        if (Status written = write_rest(lines, reader->offset()); !written.ok()) return written;
        lines.clear();
      }
      if (!more.value()) return ok_status();
    }
  }

  // Milestones go first: where they were created before an interruption, they are there.
  Status write_rest(const RestLines& lines, std::uint64_t offset) {
    if (stop_.stop_requested()) return canceled();
    for (const Milestone& milestone : lines.milestones()) {
      const auto view = engine_->view();
      if (!view.ok()) return view.error();
      const std::vector<Milestone> known = view.value()->milestones();
      if (std::find(known.begin(), known.end(), milestone) != known.end()) continue;
      if (Status created = engine_->create_milestone(milestone); !created.ok()) return created;
    }
    if (Status written = engine_->import(lines.batch(), mark_at(offset)); !written.ok()) {
      return written;
    }
    summary_.rest_lines += lines.size();
    progress_.show(files_[place_.files].name + ": " + with_commas(summary_.rest_lines) + " lines");
    return ok_status();
  }

  const ImportOptions& options_;
  const std::stop_token stop_;
  Progress progress_;
  std::filesystem::path dir_;
  std::string mark_name_;
  TransferHead head_;
  std::vector<ArchiveFile> files_;
  std::unique_ptr<Engine> engine_;
  Place place_;
  std::uint64_t batch_end_ = 0;  // In the file: behind the last line of the batch.
  ImportSummary summary_;
};

}  // namespace

Result<ImportSummary> import_store(const ImportOptions& options, std::stop_token stop) {
  return Import(options, std::move(stop)).run();
}

}  // namespace kpi::tools
