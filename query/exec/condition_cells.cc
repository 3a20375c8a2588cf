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

// Of a column each, whose first `keys` keys count.
GroupKey key_of(const std::vector<std::int64_t>& begins,
                const std::vector<std::vector<std::string_view>>& columns, std::size_t keys,
                std::size_t group) {
  GroupKey key;
  if (!begins.empty()) key.bucket_ms = begins[group];
  for (std::size_t i = 0; i < keys; ++i) key.keys.push_back(columns[i][group]);
  return key;
}

// Groups without the condition.
struct Sums {
  explicit Sums(std::vector<DimensionRef> by) : names(std::move(by)), keys(names.size()) {}

  // The group of `key`, made if there is none.
  std::size_t at(const GroupKey& key, bool bucketed) {
    const auto [at, fresh] = index.emplace(key, sizes.size());
    if (!fresh) return at->second;
    sizes.push_back(0);
    if (bucketed) begins.push_back(key.bucket_ms);
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i].push_back(key.keys[i]);
    return at->second;
  }
  std::vector<bool> to_hide(std::uint64_t min) const {
    return groups_to_hide(sizes, dimensions_of(names, begins, keys), min);
  }

  std::vector<DimensionRef> names;
  std::vector<std::uint64_t> sizes;  // In reports.
  std::vector<std::int64_t> begins;
  std::vector<std::vector<std::string_view>> keys;
  GroupIndex index;
};

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
    names_ = request.group_by;
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
    const Sums cells = all_cells();
    const std::vector<std::uint64_t> selected = selected_sizes(cells);
    const std::vector<bool> hidden = cells.to_hide(options_.min_group_size);
    Sums groups(plan_.request.group_by);
    std::vector<Held> held;
    for (std::size_t cell = 0; cell < cells.sizes.size(); ++cell) {
      const std::size_t group =
          groups.at(key_of(cells.begins, cells.keys, groups.keys.size(), cell), bucketed());
      held.resize(groups.sizes.size());
      groups.sizes[group] += cells.sizes[cell];
      count(cells.sizes[cell], selected[cell], hidden[cell], held[group]);
    }
    const std::vector<bool> hidden_groups = groups.to_hide(options_.min_group_size);
    for (std::size_t row = 0; row < table.size; ++row) {
      const auto group =
          groups.index.find(key_of(table.bucket_begin_ms, table.keys, table.keys.size(), row));
      if (group == groups.index.end()) continue;
      const Held& of = held[group->second];
      const bool is_part = of.hidden > 0 && of.left_out > 0;
      if (hidden_groups[group->second] || of.cut || is_part) table.hidden[row] = true;
    }
  }

 private:
  struct Held {
    std::uint64_t hidden = 0, left_out = 0;  // Hidden cells within the selection, and not.
    bool cut = false;                        // Of some cell, hidden or not, so that it shows few.
  };

  bool bucketed() const { return !all_.bucket_begin_ms.empty(); }

  GroupKey cell_of(const AggregateResult& result, std::size_t group) const {
    GroupKey key = key_of(result.bucket_begin_ms, result.keys, result.keys.size(), group);
    const bool is_calendar = plan_.bucketing && plan_.bucketing->calendar();
    if (bucketed() && is_calendar) key.bucket_ms = plan_.bucketing->floor(key.bucket_ms);
    return key;
  }

  Sums all_cells() const {
    Sums cells(names_);
    for (std::size_t i = 0; i < all_.size; ++i) {
      const std::size_t cell = cells.at(cell_of(all_, i), bucketed());
      cells.sizes[cell] += all_.counts[i].events;
    }
    return cells;
  }

  std::vector<std::uint64_t> selected_sizes(const Sums& cells) const {
    std::vector<std::uint64_t> sizes(cells.sizes.size());
    for (std::size_t i = 0; i < selected_.size; ++i) {
      const auto at = cells.index.find(cell_of(selected_, i));
      if (at != cells.index.end()) sizes[at->second] += selected_.counts[i].events;
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
  std::vector<DimensionRef> names_;  // Of the cells.
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
