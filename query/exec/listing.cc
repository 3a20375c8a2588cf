#include <algorithm>
#include <limits>

#include "query/exec/answer.h"
#include "query/exec/events.h"
#include "query/plan/condition.h"
#include "query/plan/row_count.h"

namespace kpi::query {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

struct Cut {
  std::uint64_t limit = kNoLimit, offset = 0;
  std::uint64_t kept() const { return limit > kNoLimit - offset ? kNoLimit : limit + offset; }
};

Result<Cut> plan_cut(const Listing& listing) {
  const auto limit = row_count(listing.limit);
  if (!limit.ok()) return limit.error();
  const auto offset = row_count(listing.offset);
  if (!offset.ok()) return offset.error();
  return Cut{limit.value().value_or(kNoLimit), offset.value().value_or(0)};
}

// The first rows in order of time of all that are added: a heap with the last of them on top.
class FirstRows {
 public:
  FirstRows(bool descending, Cut cut, const Options& options)
      : descending_(descending), cut_(cut), options_(options) {}

  Status add(const Event& event) {
    const bool full = rows_.size() >= cut_.kept();
    if (full && (rows_.empty() || later(event.time_ms, time_of(rows_.front())))) {
      return ok_status();
    }
    Row row = event_row(event);
    const auto before = [this](const Row& a, const Row& b) { return this->before(a, b); };
    if (full) {
      if (!before(row, rows_.front())) return ok_status();
      std::pop_heap(rows_.begin(), rows_.end(), before);
      bytes_ -= bytes_of(rows_.back());
      rows_.pop_back();
    }
    bytes_ += bytes_of(row);
    rows_.push_back(std::move(row));
    std::push_heap(rows_.begin(), rows_.end(), before);
    if (rows_.size() > cut_.offset && rows_.size() - cut_.offset > options_.rows_max) {
      return beyond_rows_max(rows_.size() - cut_.offset, options_.rows_max);
    }
    if (bytes_ > options_.bytes_max) return too_many_bytes(options_.bytes_max);
    return ok_status();
  }

  std::vector<std::vector<Value>> finish() {
    std::sort_heap(rows_.begin(), rows_.end(),
                   [this](const Row& a, const Row& b) { return before(a, b); });
    const auto skipped = std::min<std::uint64_t>(cut_.offset, rows_.size());
    rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(skipped));
    return std::move(rows_);
  }

 private:
  using Row = std::vector<Value>;

  static std::int64_t time_of(const Row& row) { return std::get<std::int64_t>(row[0]); }
  bool later(std::int64_t left, std::int64_t right) const {
    return descending_ ? left < right : left > right;
  }
  bool before(const Row& left, const Row& right) const {
    if (time_of(left) != time_of(right)) return later(time_of(right), time_of(left));
    return left < right;
  }

  const bool descending_;
  const Cut cut_;
  const Options& options_;
  std::vector<Row> rows_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<Listed> run_listing(const Listing& listing, const View& view, const Options& options) {
  auto request = plan_scan(listing.where, view, options.now_ms);
  if (!request.ok()) return std::move(request).error();
  const auto cut = plan_cut(listing);
  if (!cut.ok()) return cut.error();
  request.value().stop = options.stop;
  FirstRows first(listing.descending, cut.value(), options);
  Status added = ok_status();
  auto report = view.scan(request.value(), [&](const Event& event) {
    added = first.add(event);
    return added.ok();
  });
  if (!added.ok()) return added.error();
  if (!report.ok()) return std::move(report).error();
  Listed out;
  out.table.columns = event_columns();
  out.table.rows = first.finish();
  out.table.command_tag = "SELECT " + std::to_string(out.table.rows.size());
  note_coverage(request.value().range, report.value().covered, out.table.notes);
  out.steps = std::move(report.value().steps);
  return out;
}

Result<std::vector<std::string>> describe_listing(const Listing& listing, const View& view,
                                                  std::int64_t now_ms) {
  const auto request = plan_scan(listing.where, view, now_ms);
  if (!request.ok()) return request.error();
  const auto cut = plan_cut(listing);
  if (!cut.ok()) return cut.error();
  std::vector<std::string> lines = {scan_text(request.value())};
  lines.emplace_back(listing.descending ? "Sort: time, newest first" : "Sort: time");
  if (cut.value().limit != kNoLimit) {
    lines.push_back("Limit: " + std::to_string(cut.value().limit));
  }
  if (cut.value().offset > 0) lines.push_back("Offset: " + std::to_string(cut.value().offset));
  return lines;
}

}  // namespace kpi::query
