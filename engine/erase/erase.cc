#include "kpi/erase.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "engine/erase/cell_copy.h"
#include "engine/erase/name_search.h"
#include "engine/erase/replace.h"
#include "engine/erase/value_copy.h"
#include "engine/key/partition.h"
#include "kpi/engine.h"

namespace kpi {
namespace {

constexpr std::size_t kEventsPerWrite = 10'000;
constexpr std::size_t kNamesPerWrite = 10'000;

Error canceled() {
  return {ErrorCode::kCanceled, "interrupted", "nothing was changed; run the command again", 0};
}

// Of a whole store: every RP and every client, without the empty ones.
Result<std::set<std::string>> names_of(const Store& store) {
  const auto view = store.view();
  if (!view.ok()) return view.error();
  std::set<std::string> names;
  for (const std::string& rp : view.value()->rps()) {
    const Result<std::vector<std::string>> clients = view.value()->clients(rp);
    if (!clients.ok()) return clients.error();
    names.insert(rp);
    names.insert(clients.value().begin(), clients.value().end());
  }
  names.erase(std::string());
  return names;
}

// Engines as an erasure wants them: nothing ages out meanwhile.
Result<std::unique_ptr<Engine>> open_engine(const std::filesystem::path& dir, bool read_only,
                                            std::vector<std::string> labels) {
  EngineOptions options;
  options.dir = dir;
  options.read_only = read_only;
  options.durability = Durability::kOs;  // All of it is synced at the end.
  options.retention_raw_days = options.retention_minute_days = options.retention_hour_days = 0;
  options.dedup_window_ms = kRequestKeysAllMs;
  options.dedup_entries_max = kRequestKeysAll;
  options.rollup_labels = std::move(labels);
  options.name_limits = NameLimits::none();
  return Engine::open(std::move(options));
}

class Erasure {
 public:
  explicit Erasure(const EraseRequest& request) : request_(request) {}

  Result<EraseReport> run() {
    if (Status opened = open_source(); !opened.ok()) return opened.error();
    if (Status known = check_known(); !known.ok()) return known.error();
    if (request_.dry_run) return count_only();
    if (Status removed = remove_new(request_.dir); !removed.ok()) return removed.error();
    Status written = write_new();
    if (written.ok()) written = replace_by_new(request_.dir);
    if (written.ok()) return report_;
    (void)remove_new(request_.dir);
    return written.error();
  }

 private:
  bool is_erased(std::string_view rp, std::string_view client, std::int64_t time_ms) const {
    return is_named(rp, client) && (!request_.before_ms || time_ms < *request_.before_ms);
  }
  bool is_named(std::string_view rp, std::string_view client) const {
    return rp == request_.rp && (!request_.client || client == *request_.client);
  }

  // To write, though nothing is written: no server may have it open meanwhile.
  Status open_source() {
    std::error_code error;
    if (!std::filesystem::exists(request_.dir / "CURRENT", error)) {
      return Error{ErrorCode::kNotFound, "there is no store in " + request_.dir.string()};
    }
    Result<std::unique_ptr<Engine>> opened = open_engine(request_.dir, request_.dry_run, {});
    if (!opened.ok()) return opened.error();
    source_ = std::move(opened).value();
    Result<Engine::Transfer> transfer = source_->transfer();
    if (!transfer.ok()) return transfer.error();
    transfer_ = std::move(transfer).value();
    head_ = transfer_.rest->head();
    return ok_status();
  }

  Status check_known() const {
    const Result<std::vector<std::string>> clients = transfer_.view->clients(request_.rp);
    if (!clients.ok()) {
      return Error{ErrorCode::kNotFound, "the store has no RP '" + request_.rp + "'"};
    }
    // clients() leaves the empty one out.
    if (!request_.client || request_.client->empty() ||
        std::find(clients.value().begin(), clients.value().end(), *request_.client) !=
            clients.value().end()) {
      return ok_status();
    }
    return Error{ErrorCode::kNotFound,
                 "the RP '" + request_.rp + "' has no client '" + *request_.client + "'"};
  }

  Result<EraseReport> count_only() {
    if (Status read = read_events([](const Event&) { return ok_status(); }); !read.ok()) {
      return read.error();
    }
    const Status cells = read_cells([](const PortableCell&) { return ok_status(); });
    if (!cells.ok()) return cells.error();
    const auto documents = source_->documents();
    if (!documents.ok()) return documents.error();
    const Status read =
        documents.value()->for_each({}, {}, request_.stop, [&](const Document& each) {
          report_.documents += keeps_document(each.time_ms, each.text) ? 0 : 1;
          return true;
        });
    if (!read.ok()) return read.error();
    return report_;
  }

  Status write_new() {
    Result<std::set<std::string>> before = names_of(*source_);
    if (!before.ok()) return before.error();
    if (Status filled = fill_target(); !filled.ok()) return filled;
    const Result<std::set<std::string>> after = names_of(*target_);
    if (!after.ok()) return after.error();
    std::set_difference(before.value().begin(), before.value().end(), after.value().begin(),
                        after.value().end(), std::back_inserter(report_.names));
    if (Status closed = close_both(); !closed.ok()) return closed;
    const Result<std::uint64_t> dropped = copy_values(
        request_.dir, place_of_new(request_.dir),
        [this](auto time_ms, auto text) { return keeps_document(time_ms, text); },
        [this](auto text) { return !names_erased(text); },
        // They are of all clients of the RP, and nobody can say of which.
        [this](std::string_view rp, std::int64_t day_ms) {
          return rp != request_.rp || (request_.before_ms && day_ms >= *request_.before_ms);
        });
    if (!dropped.ok()) return dropped.error();
    report_.documents = dropped.value();
    if (request_.stop.stop_requested()) return canceled();
    return prove({after.value().begin(), after.value().end()});
  }

  Status fill_target() {
    std::vector<std::string> labels;
    for (const auto& label : head_.labels) labels.push_back(label.name);
    auto opened = open_engine(place_of_new(request_.dir), false, std::move(labels));
    if (!opened.ok()) return opened.error();
    target_ = std::move(opened).value();
    // Minute figures of a day can only be made from its raw events.
    head_.minute_from_ms = std::max(head_.minute_from_ms, head_.raw_from_ms);
    if (Status adopted = target_->adopt(head_); !adopted.ok()) return adopted;
    if (Status copied = copy_cells(); !copied.ok()) return copied;
    if (Status copied = copy_events(); !copied.ok()) return copied;
    if (Status copied = copy_names(); !copied.ok()) return copied;
    for (const Milestone& milestone : transfer_.view->milestones()) {
      if (Status made = target_->create_milestone(milestone); !made.ok()) return made;
    }
    return target_->flush();
  }

  Status close_both() {
    transfer_ = {};
    if (Status closed = target_->close(); !closed.ok()) return closed;
    target_.reset();
    Status closed = source_->close();
    source_.reset();
    return closed;
  }

  // Gives what stays to `keep` and counts the rest. Figures of all RPs are left out.
  template <class Keep>
  Status read_cells(const Keep& keep) {
    Status kept = ok_status();
    const Status read = transfer_.rest->for_each_cell(request_.stop, [&](const PortableCell& cell) {
      if (cell.all_rps || cell.width_ms == kMinuteMs) return true;
      // Of one day all widths or none, or they would not add up.
      if (is_erased(cell.rp, cell.client, day_begin_ms(day_of(cell.begin_ms)))) {
        count_erased(cell);
      } else {
        kept = keep(cell);
      }
      return kept.ok();
    });
    return read.ok() ? kept : read;
  }

  void count_erased(const PortableCell& cell) {
    ++report_.cells;
    aged_days_.insert(day_of(cell.begin_ms));
    for (const MeasureSketch& sketch : cell.sketches) measures_.emplace(sketch.measure);
    if (!cell.label.empty()) labels_.emplace(cell.label, cell.label_value);
    if (!cell.label.empty() || cell.width_ms != kDayMs) return;
    for (const KindCount& count : cell.counts) report_.aged_events += count.events;
  }

  Status copy_cells() {
    CellCopy copy(*target_);
    Status read = read_cells([&](const PortableCell& cell) { return copy.add(cell); });
    return read.ok() ? copy.finish() : read;
  }

  // As read_cells(), a day at a time: a store takes in what is in order of time best.
  template <class Keep>
  Status read_events(const Keep& keep) {
    AggregateRequest request;
    request.range = {head_.raw_from_ms, kTimeMsMax + 1};
    request.bucket_width_ms = kDayMs;
    request.stop = request_.stop;
    Result<AggregateResult> days = transfer_.view->aggregate(request);
    if (!days.ok()) return days.error();
    std::vector<std::int64_t> begins = days.value().bucket_begin_ms;
    std::sort(begins.begin(), begins.end());
    Status kept = ok_status();
    for (const std::int64_t begin : begins) {
      ScanRequest scan{{begin, begin + kDayMs}, {}, request_.stop};
      const Result<ScanReport> read = transfer_.view->scan(scan, [&](const Event& event) {
        if (is_erased(event.rp, event.client, event.time_ms)) {
          count_erased(event);
        } else {
          kept = keep(event);
        }
        return kept.ok();
      });
      if (!read.ok()) return read.error();
      if (!kept.ok()) return kept;
    }
    std::sort(moments_.begin(), moments_.end());
    return ok_status();
  }

  void count_erased(const Event& event) {
    ++report_.events;
    if (moments_.empty() || moments_.back() != event.time_ms) moments_.push_back(event.time_ms);
    for (const NamedValue& measure : event.measures) measures_.emplace(measure.name);
    for (const NamedLabel& label : event.labels) labels_.emplace(label.name, label.value);
  }

  Status copy_events() {
    Batch batch;
    const Status read = read_events([&](const Event& event) -> Status {
      Status added = batch.add(event);
      if (!added.ok() && added.error().code == ErrorCode::kLimitExceeded && !batch.empty()) {
        if (Status written = append(&batch); !written.ok()) return written;
        added = batch.add(event);
      }
      if (!added.ok() || batch.size() < kEventsPerWrite) return added;
      return append(&batch);
    });
    if (!read.ok()) return read;
    return batch.empty() ? ok_status() : append(&batch);
  }

  Status append(Batch* batch) {
    Status written = target_->append(std::move(*batch));
    *batch = Batch();
    return written;
  }

  // Names that no event tells of any more, unless they came with what was erased: those that
  // others use too are there by now.
  Status copy_names() {
    std::vector<StoredName> names;
    Status written = ok_status();
    const auto write = [&] {
      TransferBatch batch;
      batch.names = names;
      written = target_->import(batch, {});
      names.clear();
      return written.ok();
    };
    const Status read = transfer_.rest->for_each_name([&](const StoredName& name) {
      if (went(name)) return true;
      names.push_back(name);
      return names.size() < kNamesPerWrite || write();
    });
    if (!read.ok() || !written.ok()) return read.ok() ? written : read;
    if (!names.empty()) write();
    return written;
  }

  bool went(const StoredName& name) const {
    switch (name.kind) {
      case StoredName::Kind::kClient:
        return is_named(name.first, name.second);
      case StoredName::Kind::kMeasure:
        return measures_.count(std::string(name.first)) != 0;
      case StoredName::Kind::kLabel:
        return labels_.count({std::string(name.first), std::string(name.second)}) != 0;
    }
    return false;
  }

  // Nothing ties a document to its event but the moment.
  bool keeps_document(std::int64_t time_ms, std::string_view text) const {
    if (std::binary_search(moments_.begin(), moments_.end(), time_ms)) return false;
    if (aged_days_.count(day_of(time_ms)) != 0) return false;
    const bool whole_rp = !request_.client && !request_.before_ms;
    return !(whole_rp && !request_.rp.empty() && text.find(request_.rp) != std::string_view::npos);
  }

  bool names_erased(std::string_view text) const {
    return std::any_of(report_.names.begin(), report_.names.end(), [&](const std::string& name) {
      return text.find(name) != std::string_view::npos;
    });
  }

  Status prove(const std::vector<std::string>& kept) {
    std::vector<std::string> wanted;
    for (const std::string& name : report_.names) {
      if (name.size() >= kErasedNameBytesSearched && wanted.size() < kErasedNamesSearchedMax) {
        wanted.push_back(name);
      } else {
        ++report_.names_not_searched;
      }
    }
    const NameSearch search(std::move(wanted), kept);
    const Result<SearchReport> searched = search_store(place_of_new(request_.dir), search);
    if (!searched.ok()) return searched.error();
    report_.files_searched = searched.value().files;
    report_.bytes_searched = searched.value().bytes;
    report_.values_searched = searched.value().values;
    return ok_status();
  }

  const EraseRequest& request_;
  EraseReport report_;
  std::unique_ptr<Engine> source_, target_;
  Engine::Transfer transfer_;
  TransferHead head_;
  // What the erased events had.
  std::vector<std::int64_t> moments_;  // Ascending once all are read.
  std::set<std::uint16_t> aged_days_;
  std::set<std::string> measures_;
  std::set<std::pair<std::string, std::string>> labels_;
};

}  // namespace

Result<EraseReport> erase(const EraseRequest& request) { return Erasure(request).run(); }

}  // namespace kpi
