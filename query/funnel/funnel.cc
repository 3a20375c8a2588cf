#include "query/funnel/funnel.h"

#include "query/exec/answer.h"
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

std::vector<Value> stage_row(const FunnelPlan& plan, FunnelGroup& group, std::size_t stage) {
  std::vector<Value> row = group_values(plan, group);
  const std::uint64_t reached = group.reached[stage];
  row.emplace_back(plan.steps[stage]);
  row.emplace_back(rounded(reached));
  row.push_back(share(reached, group.reached[0]));
  row.push_back(stage == 0 ? Value{} : share(reached, group.reached[stage - 1]));
  row.push_back(share(group.reached.back(), reached));
  const auto median = stage == 0 ? std::nullopt : group.offsets[stage - 1].median();
  row.push_back(median ? Value{*median} : Value{});
  return row;
}

Status add_rows(const FunnelPlan& plan, std::vector<FunnelGroup> groups, const Options& options,
                Table& table) {
  std::size_t bytes = 0;
  for (FunnelGroup& group : groups) {
    if (options.stop.stop_requested()) return Error{ErrorCode::kCanceled, "canceled"};
    for (std::size_t stage = 0; stage < plan.steps.size(); ++stage) {
      table.rows.push_back(stage_row(plan, group, stage));
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
  FunnelTally tally(plan.value(), options);
  Status added = ok_status();
  auto report = view.scan(plan.value().request, [&](const Event& event) {
    added = tally.add(event);
    return added.ok();
  });
  if (!added.ok()) return added.error();
  if (!report.ok()) return std::move(report).error();
  Funneled out;
  const Status built = add_rows(plan.value(), tally.finish(), options, out.table);
  if (!built.ok()) return built.error();
  out.table.columns = std::move(plan.value().columns);
  out.table.command_tag = "SELECT " + std::to_string(out.table.rows.size());
  out.table.notes = std::move(plan.value().notes);
  note_coverage(plan.value().request.range, report.value().covered, out.table.notes);
  out.steps = std::move(report.value().steps);
  return out;
}

}  // namespace kpi::query
