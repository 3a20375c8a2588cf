#include "query/funnel/funnel.h"

#include "query/exec/answer.h"
#include "query/exec/condition_cells.h"
#include "query/exec/small_groups.h"
#include "query/function/aggregate.h"
#include "query/funnel/funnel_plan.h"
#include "query/funnel/funnel_tally.h"

namespace kpi::query {
namespace {

Value share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return {};
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::vector<Value> group_values(const FunnelPlan& plan, const FunnelGroup& group) {
  std::vector<Value> out;
  for (const std::optional<std::size_t>& key : plan.group_columns) {
    if (!key) {
      out.emplace_back(group.bucket_ms);
    } else if (const auto& text = group.keys[*key]) {
      out.emplace_back(*text);
    } else {
      out.emplace_back();
    }
  }
  return out;
}

// A stage that few reached, or that few did not, tells of these few.
bool is_shown(const FunnelGroup& group, std::size_t stage, std::uint64_t min) {
  if (min <= 1) return true;
  const auto few = [min](std::uint64_t reports) { return reports > 0 && reports < min; };
  std::uint64_t before = group.events;
  for (std::size_t i = 0; i <= stage; ++i) {
    if (few(group.reports[i]) || few(before - group.reports[i])) return false;
    before = group.reports[i];
  }
  return !few(group.reports.back());
}

std::vector<Value> stage_row(const FunnelPlan& plan, FunnelGroup& group, std::size_t stage,
                             bool shown) {
  std::vector<Value> row = group_values(plan, group);
  const std::uint64_t reached = group.reached[stage];
  row.emplace_back(plan.steps[stage]);
  if (!shown) {
    row.resize(row.size() + 5);
    return row;
  }
  row.emplace_back(rounded(reached));
  row.push_back(share(reached, group.reached[0]));
  row.push_back(stage == 0 ? Value{} : share(reached, group.reached[stage - 1]));
  row.push_back(share(group.reached.back(), reached));
  const auto median = stage == 0 ? std::nullopt : group.offsets[stage - 1].median();
  row.push_back(median ? Value{*median} : Value{});
  return row;
}

// What a SELECT over the same groups would ask.
Plan select_of(const FunnelPlan& plan) {
  Plan select;
  select.bucketing = plan.bucketing;
  select.request.range = plan.request.range;
  select.request.where = plan.request.where;
  select.request.group_by = plan.keys;
  if (plan.bucketing) {
    select.request.bucket_width_ms = plan.bucketing->calendar() ? kDayMs : plan.bucketing->width_ms;
    select.request.bucket_origin_ms = plan.bucketing->origin_ms;
  }
  return select;
}

// Which groups are too small, or show others that are.
Result<GroupTable> hidden_of(const FunnelPlan& plan, const std::vector<FunnelGroup>& groups,
                             const View& view, const Options& options) {
  GroupTable table;
  if (options.min_group_size <= 1) return table;
  table.size = groups.size();
  table.keys.resize(plan.keys.size());
  for (const FunnelGroup& group : groups) {
    table.counts.emplace_back().events = group.events;
    if (plan.bucketing) table.bucket_begin_ms.push_back(group.bucket_ms);
    for (std::size_t i = 0; i < group.keys.size(); ++i) {
      table.keys[i].push_back(group.keys[i] ? std::string_view(*group.keys[i])
                                            : std::string_view());
    }
  }
  hide_small_groups(plan.keys, options, table);
  Status hidden = hide_by_condition(select_of(plan), view, options, table);
  return hidden.ok() ? std::move(table) : Result<GroupTable>(hidden.error());
}

Status add_rows(const FunnelPlan& plan, std::vector<FunnelGroup> groups, const View& view,
                const Options& options, Table& table) {
  std::size_t bytes = 0;
  const Result<GroupTable> checked = hidden_of(plan, groups, view, options);
  if (!checked.ok()) return checked.error();
  const GroupTable& sizes = checked.value();
  note_hidden(sizes, options, table.notes);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    FunnelGroup& group = groups[i];
    if (options.stop.stop_requested()) return Error{ErrorCode::kCanceled, "canceled"};
    for (std::size_t stage = 0; stage < plan.steps.size(); ++stage) {
      const bool shown = (sizes.hidden.empty() || !sizes.hidden[i]) &&
                         is_shown(group, stage, options.min_group_size);
      table.rows.push_back(stage_row(plan, group, stage, shown));
      bytes += bytes_of(table.rows.back());
    }
    if (bytes > options.bytes_max) return too_many_bytes(options.bytes_max);
    group = {};
  }
  if (table.rows.size() > options.rows_max) {
    return beyond_rows_max(table.rows.size(), options.rows_max);
  }
  return ok_status();
}

}  // namespace

Result<Funneled> run_funnel(const Funnel& funnel, const View& view, const Options& options) {
  auto plan = plan_funnel(funnel, view, options.now_ms);
  if (!plan.ok()) return std::move(plan).error();
  plan.value().request.stop = options.stop;
  if (options.min_group_size > 1) {
    align_to_minutes(plan.value().request.range, plan.value().request.where);
  }
  FunnelTally tally(plan.value(), options);
  Status added = ok_status();
  auto report = view.scan(plan.value().request, [&](const Event& event) {
    added = tally.add(event);
    return added.ok();
  });
  if (!added.ok()) return added.error();
  if (!report.ok()) return std::move(report).error();
  Funneled out;
  const Status built = add_rows(plan.value(), tally.finish(), view, options, out.table);
  if (!built.ok()) return built.error();
  out.table.columns = std::move(plan.value().columns);
  out.table.command_tag = "SELECT " + std::to_string(out.table.rows.size());
  auto& notes = plan.value().notes;
  out.table.notes.insert(out.table.notes.begin(), notes.begin(), notes.end());
  note_coverage(plan.value().request.range, report.value().covered, out.table.notes);
  out.steps = std::move(report.value().steps);
  return out;
}

}  // namespace kpi::query
