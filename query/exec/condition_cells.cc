#include "query/exec/condition_cells.h"

#include <algorithm>

#include "query/exec/group_key.h"
#include "query/exec/small_groups.h"

namespace kpi::query {
namespace {

std::int64_t minute_of(std::int64_t time_ms) {
  const std::int64_t into = ((time_ms % kMinuteMs) + kMinuteMs) % kMinuteMs;
  const bool open = time_ms <= 0 || time_ms > kTimeMsMax;
  return open ? time_ms : time_ms - into;
}

void add_dimensions(const Predicate& where, std::vector<DimensionRef>& dimensions) {
  const bool names = where.kind == Predicate::Kind::kDimensionIn ||
                     where.kind == Predicate::Kind::kDimensionLike ||
                     where.kind == Predicate::Kind::kDimensionIsNull;
  if (names &&
      std::find(dimensions.begin(), dimensions.end(), where.dimension) == dimensions.end()) {
    dimensions.push_back(where.dimension);
  }
  for (const Predicate& child : where.children) add_dimensions(child, dimensions);
}

// Of a result, whose first `keys` keys count.
GroupKey key_of(const std::vector<std::int64_t>& begins, const Bucketing* bucketing,
                const std::vector<std::vector<std::string_view>>& columns, std::size_t keys,
                std::size_t group) {
  GroupKey key;
  if (!begins.empty()) {
    key.bucket_ms = bucketing != nullptr ? bucketing->floor(begins[group]) : begins[group];
  }
  for (std::size_t i = 0; i < keys; ++i) key.keys.push_back(columns[i][group]);
  return key;
}

// The cells of a condition's dimensions, of all reports and of those that it selects.
class Cells {
 public:
  Cells(const Plan& plan, const View& view, const Options& options)
      : plan_(plan), view_(view), options_(options) {}

  Status read() {
    AggregateRequest request;
    request.range = plan_.request.range;
    request.bucket_width_ms = plan_.request.bucket_width_ms;
    request.bucket_origin_ms = plan_.request.bucket_origin_ms;
    request.group_by = plan_.request.group_by;
    add_dimensions(plan_.request.where, request.group_by);
    request.stop = options_.stop;
    auto all = view_.aggregate(request);
    if (!all.ok()) return std::move(all).error();
    request.where = plan_.request.where;
    auto selected = view_.aggregate(request);
    if (!selected.ok()) return std::move(selected).error();
    all_ = std::move(all).value();
    selected_ = std::move(selected).value();
    return ok_status();
  }

  void hide(GroupTable& table) const {
    const std::vector<std::uint64_t> selected = selected_sizes();
    std::vector<std::uint64_t> sizes;
    for (const Counts& counts : all_.counts) sizes.push_back(counts.events);
    const std::vector<bool> hidden = groups_to_hide(
        sizes, dimensions_of(all_.bucket_begin_ms, all_.keys), options_.min_group_size);
    GroupIndex groups;
    for (std::size_t group = 0; group < table.size; ++group) {
      groups.emplace(key_of(table.bucket_begin_ms, nullptr, table.keys, table.keys.size(), group),
                     group);
    }
    std::vector<Held> held(table.size);
    for (std::size_t cell = 0; cell < all_.size; ++cell) {
      const auto group = groups.find(group_of(cell));
      if (group == groups.end()) continue;
      count(sizes[cell], selected[cell], hidden[cell], held[group->second]);
    }
    for (std::size_t group = 0; group < table.size; ++group) {
      const Held& of = held[group];
      if (of.cut || (of.hidden > 0 && of.left_out > 0)) table.hidden[group] = true;
    }
  }

 private:
  struct Held {
    std::uint64_t hidden = 0, left_out = 0;  // Hidden cells within the selection, and not.
    bool cut = false;                        // Of some cell, hidden or not, so that it shows few.
  };

  GroupKey group_of(std::size_t cell) const {
    const Bucketing* bucketing =
        plan_.bucketing && plan_.bucketing->calendar() ? &*plan_.bucketing : nullptr;
    return key_of(all_.bucket_begin_ms, bucketing, all_.keys, plan_.request.group_by.size(), cell);
  }

  std::vector<std::uint64_t> selected_sizes() const {
    GroupIndex cells;
    const std::size_t keys = all_.keys.size();
    for (std::size_t i = 0; i < selected_.size; ++i) {
      cells.emplace(key_of(selected_.bucket_begin_ms, nullptr, selected_.keys, keys, i), i);
    }
    std::vector<std::uint64_t> sizes;
    for (std::size_t cell = 0; cell < all_.size; ++cell) {
      const auto at = cells.find(key_of(all_.bucket_begin_ms, nullptr, all_.keys, keys, cell));
      sizes.push_back(at == cells.end() ? 0 : selected_.counts[at->second].events);
    }
    return sizes;
  }

  void count(std::uint64_t size, std::uint64_t selected, bool is_hidden, Held& held) const {
    // Reports that come between the two questions belong to neither part.
    const std::uint64_t rest = size - std::min(size, selected);
    if (is_hidden) ++(selected > 0 ? held.hidden : held.left_out);
    if (selected == 0 || rest == 0) return;
    const std::uint64_t min = options_.min_group_size;
    held.cut = held.cut || is_hidden || selected < min || rest < min;
  }

  const Plan& plan_;
  const View& view_;
  const Options& options_;
  AggregateResult all_, selected_;
};

}  // namespace

void align_to_minutes(TimeRange& range, Predicate& where) {
  range = {minute_of(range.begin_ms), minute_of(range.end_ms)};
  if (where.kind == Predicate::Kind::kTime) {
    where.range = {minute_of(where.range.begin_ms), minute_of(where.range.end_ms)};
  }
  for (Predicate& child : where.children) align_to_minutes(range, child);
}

Status hide_by_condition(const Plan& plan, const View& view, const Options& options,
                         GroupTable& table) {
  if (plan.request.where.kind == Predicate::Kind::kTrue) return ok_status();
  Cells cells(plan, view, options);
  if (Status read = cells.read(); !read.ok()) return read;
  cells.hide(table);
  return ok_status();
}

}  // namespace kpi::query
