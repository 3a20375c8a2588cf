#include "query/exec/groups.h"

#include <algorithm>
#include <utility>

#include "query/exec/condition_cells.h"
#include "query/exec/group_key.h"
#include "query/exec/rows.h"
#include "query/exec/small_groups.h"

namespace kpi::query {
namespace {

GroupTable take_table(AggregateResult& result) {
  GroupTable table;
  table.size = result.size;
  table.bucket_begin_ms = std::move(result.bucket_begin_ms);
  table.keys = std::move(result.keys);
  table.counts = std::move(result.counts);
  table.sketches = std::move(result.sketches);
  table.senders = std::move(result.senders);
  table.loud = std::move(result.loud);
  table.names.push_back(std::move(result.names));
  return table;
}

GroupKey key_of(const GroupTable& table, std::size_t group) {
  GroupKey key;
  if (!table.bucket_begin_ms.empty()) key.bucket_ms = table.bucket_begin_ms[group];
  for (const auto& column : table.keys) key.keys.push_back(column[group]);
  return key;
}

GroupIndex index_of(const GroupTable& table) {
  GroupIndex index;
  for (std::size_t group = 0; group < table.size; ++group)
    index.emplace(key_of(table, group), group);
  return index;
}

void add(Counts& to, const Counts& counts) {
  to.events += counts.events;
  to.total += counts.total;
  to.successes += counts.successes;
  to.failures += counts.failures;
  to.failures_ui_shown += counts.failures_ui_shown;
}

void add(SenderCounts& to, const SenderCounts& senders) {
  to.known += senders.known;
  to.largest += senders.largest;
}

// The sketch columns of `members`, merged by group.
std::vector<std::vector<Sketch>> merge_sketches(
    const std::vector<std::vector<Sketch>>& columns,
    const std::vector<std::vector<std::size_t>>& members) {
  std::vector<std::vector<Sketch>> merged;
  SketchBuilder builder;
  for (const auto& column : columns) {
    auto& out = merged.emplace_back();
    out.reserve(members.size());
    for (const auto& group : members) {
      for (const std::size_t member : group) builder.merge(column[member]);
      out.push_back(builder.build());
    }
  }
  return merged;
}

// Groups of days -> groups of the calendar's buckets.
GroupTable merge_buckets(GroupTable days, const Bucketing& bucketing) {
  for (std::int64_t& begin : days.bucket_begin_ms) begin = bucketing.floor(begin);
  GroupTable out;
  out.keys.resize(days.keys.size());
  std::vector<std::vector<std::size_t>> members;  // [merged group]: groups of days.
  GroupIndex index;
  for (std::size_t group = 0; group < days.size; ++group) {
    const auto [at, added] = index.emplace(key_of(days, group), members.size());
    if (added) {
      members.emplace_back();
      out.counts.emplace_back();
      if (!days.senders.empty()) out.senders.emplace_back();
      out.bucket_begin_ms.push_back(days.bucket_begin_ms[group]);
      for (std::size_t key = 0; key < days.keys.size(); ++key) {
        out.keys[key].push_back(days.keys[key][group]);
      }
    }
    members[at->second].push_back(group);
    add(out.counts[at->second], days.counts[group]);
    if (!days.senders.empty()) add(out.senders[at->second], days.senders[group]);
  }
  out.size = members.size();
  out.sketches = merge_sketches(days.sketches, members);
  out.success_sketches = merge_sketches(days.success_sketches, members);
  out.names = std::move(days.names);
  return out;
}

// Puts the sketches of successes beside the groups that they belong to.
void join_successes(GroupTable& table, AggregateResult result) {
  GroupTable successes = take_table(result);
  table.success_sketches.resize(successes.sketches.size());
  for (auto& column : table.success_sketches) column.resize(table.size);
  const GroupIndex index = index_of(table);
  for (std::size_t group = 0; group < successes.size; ++group) {
    const auto at = index.find(key_of(successes, group));
    if (at == index.end()) continue;
    for (std::size_t slot = 0; slot < successes.sketches.size(); ++slot) {
      table.success_sketches[slot][at->second] = std::move(successes.sketches[slot][group]);
    }
  }
}

void add_empty_group(const Plan& plan, GroupTable& table) {
  table.size = 1;
  table.counts.assign(1, {});
  if (plan.request.senders) {
    table.senders.assign(1, {});
    table.loud.assign(1, 0);
  }
  table.sketches.assign(plan.request.measures.size(), std::vector<Sketch>(1));
  table.success_sketches.assign(plan.success_measures.size(), std::vector<Sketch>(1));
}

// As many groups as fit, each with its keys and the smallest of sketches.
std::size_t groups_max(const Plan& plan, std::size_t bytes_max) {
  constexpr std::size_t kSketchBytes = 48;
  const std::size_t sketches = plan.request.measures.size() + plan.success_measures.size();
  return bytes_max / (sizeof(Counts) + sizeof(Row) + sketches * kSketchBytes +
                      plan.request.group_by.size() * sizeof(std::string_view));
}

Result<Groups> read(const Plan& plan, const View& view, const Options& options) {
  AggregateRequest request = plan.request;
  request.groups_max = std::min(request.groups_max, groups_max(plan, options.bytes_max));
  request.stop = options.stop;
  auto result = view.aggregate(request);
  if (!result.ok()) return std::move(result).error();
  Groups groups{{}, result.value().covered, std::move(result.value().steps)};
  groups.table = take_table(result.value());
  if (plan.success_measures.empty()) return groups;
  request = success_request(plan);
  request.groups_max = groups.table.size;  // Successes have no groups of their own.
  request.stop = options.stop;
  auto successes = view.aggregate(request);
  if (!successes.ok()) return std::move(successes).error();
  AggregateResult& more = successes.value();
  groups.covered.begin_ms = std::max(groups.covered.begin_ms, more.covered.begin_ms);
  groups.covered.end_ms = std::min(groups.covered.end_ms, more.covered.end_ms);
  groups.steps.insert(groups.steps.end(), more.steps.begin(), more.steps.end());
  join_successes(groups.table, std::move(more));
  return groups;
}

Status hide_groups(const Plan& plan, const View& view, const Options& options, GroupTable& table) {
  hide_small_groups(plan.request.group_by, options, table);
  return hide_by_condition(plan, view, options, table);
}

Result<Groups> read_aligned(const Plan& plan, const View& view, const Options& options) {
  auto groups = read(plan, view, options);
  if (!groups.ok()) return groups;
  GroupTable& table = groups.value().table;
  if (plan.bucketing && plan.bucketing->calendar()) {
    table = merge_buckets(std::move(table), *plan.bucketing);
  }
  if (!plan.grouped && table.size == 0) add_empty_group(plan, table);
  if (options.min_group_size <= 1) return groups;
  Status hidden = hide_groups(plan, view, options, table);
  return hidden.ok() ? std::move(groups) : Result<Groups>(hidden.error());
}

}  // namespace

Result<Groups> read_groups(const Plan& plan, const View& view, const Options& options) {
  if (options.min_group_size <= 1) return read_aligned(plan, view, options);
  Plan aligned = plan;
  align_to_minutes(aligned.request.range, aligned.request.where);
  return read_aligned(aligned, view, options);
}

}  // namespace kpi::query
