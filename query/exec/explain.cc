#include "query/exec/explain.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "query/exec/select.h"
#include "query/plan/condition.h"

namespace kpi::query {
namespace {

std::string step_text(const ReadStep& step) {
  return "  " + step.source + ": " + to_text(step.range) +
         ", series=" + std::to_string(step.series) + " cells=" + std::to_string(step.cells) +
         " chunks=" + std::to_string(step.chunks) + " events=" + std::to_string(step.events) +
         " bytes=" + std::to_string(step.bytes);
}

void add_line(Table& table, std::string line) { table.rows.push_back({std::move(line)}); }

void add_steps(Table& table, const std::vector<ReadStep>& steps) {
  add_line(table, steps.empty() ? "Read: nothing" : "Read:");
  for (const ReadStep& step : steps) add_line(table, step_text(step));
}

Result<std::vector<ReadStep>> foreseen_steps(const Plan& plan, const View& view) {
  if (!plan.over_events) return std::vector<ReadStep>{};
  auto steps = view.explain(plan.request);
  if (!steps.ok() || plan.success_measures.empty()) return steps;
  auto more = view.explain(success_request(plan));
  if (!more.ok()) return more;
  steps.value().insert(steps.value().end(), more.value().begin(), more.value().end());
  return steps;
}

Status analyze(const Explain& explain, const View& view, const Options& options, Table& table) {
  const auto begin = std::chrono::steady_clock::now();
  const auto selected = run_select(explain.select, view, options);
  if (!selected.ok()) return selected.error();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  add_steps(table, selected.value().steps);
  add_line(table, "Rows: " + std::to_string(selected.value().table.rows.size()));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "Execution time: %.3f ms", took.count());
  add_line(table, text.data());
  table.notes = selected.value().table.notes;
  return ok_status();
}

}  // namespace

std::vector<Column> explain_columns() { return {{"QUERY PLAN", Type::kText}}; }

Result<Table> run_explain(const Explain& explain, const View& view, const Options& options) {
  auto plan = plan_select(explain.select, view, options.now_ms);
  if (!plan.ok()) return std::move(plan).error();
  Table table;
  table.columns = explain_columns();
  table.command_tag = "EXPLAIN";
  for (std::string& line : describe_plan(plan.value())) add_line(table, std::move(line));
  if (explain.analyze) {
    const Status analyzed = analyze(explain, view, options, table);
    if (!analyzed.ok()) return analyzed.error();
    return table;
  }
  const auto steps = foreseen_steps(plan.value(), view);
  if (!steps.ok()) return steps.error();
  add_steps(table, steps.value());
  return table;
}

}  // namespace kpi::query
