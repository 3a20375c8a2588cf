#include "query/exec/explain.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <functional>

#include "query/compare/run_compare.h"
#include "query/exec/events.h"
#include "query/exec/select.h"
#include "query/funnel/funnel.h"
#include "query/funnel/funnel_plan.h"
#include "query/plan/condition.h"

namespace kpi::query {
namespace {

std::string place_text(const ReadStep& step) {
  return "  " + step.source + ": " + to_text(step.range);
}

std::string step_text(const ReadStep& step) {
  return place_text(step) + ", series=" + std::to_string(step.series) +
         " cells=" + std::to_string(step.cells) + " chunks=" + std::to_string(step.chunks) +
         " events=" + std::to_string(step.events) + " bytes=" + std::to_string(step.bytes);
}

void add_line(Table& table, std::string line) { table.rows.push_back({std::move(line)}); }

void add_steps(Table& table, const std::vector<ReadStep>& steps) {
  add_line(table, steps.empty() ? "Read: nothing" : "Read:");
  for (const ReadStep& step : steps) add_line(table, step_text(step));
}

// Nothing has been counted: a figure here would be taken for one.
void add_foreseen(Table& table, const std::vector<ReadStep>& steps) {
  add_line(table, steps.empty() ? "Read: nothing" : "Read (EXPLAIN ANALYZE says how much):");
  for (const ReadStep& step : steps) add_line(table, place_text(step));
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

struct Analyzed {
  Table table;
  std::vector<ReadStep> steps;
};

Status analyze(const std::function<Result<Analyzed>()>& run, Table& table) {
  const auto begin = std::chrono::steady_clock::now();
  const auto ran = run();
  if (!ran.ok()) return ran.error();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  add_steps(table, ran.value().steps);
  add_line(table, "Rows: " + std::to_string(ran.value().table.rows.size()));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "Execution time: %.3f ms", took.count());
  add_line(table, text.data());
  table.notes = ran.value().table.notes;
  return ok_status();
}

// The answer of any statement that was run.
template <class Answer>
Result<Analyzed> taken(Result<Answer> answer) {
  if (!answer.ok()) return std::move(answer).error();
  return Analyzed{std::move(answer.value().table), std::move(answer.value().steps)};
}

struct Explained {
  bool analyzed;
  const View& view;
  const Options& options;
  Table& table;

  Status operator()(const Select& select) const {
    auto plan = plan_select(select, view, options.now_ms);
    if (!plan.ok()) return std::move(plan).error();
    add_lines(describe_plan(plan.value()));
    if (analyzed) return analyze([&] { return taken(run_select(select, view, options)); }, table);
    const auto steps = foreseen_steps(plan.value(), view);
    if (!steps.ok()) return steps.error();
    add_foreseen(table, steps.value());
    return ok_status();
  }
  Status operator()(const Compare& compare) const {
    auto foreseen = foresee_compare(compare, view, options);
    if (!foreseen.ok()) return std::move(foreseen).error();
    add_lines(std::move(foreseen.value().lines));
    if (analyzed) return analyze([&] { return taken(run_compare(compare, view, options)); }, table);
    add_foreseen(table, foreseen.value().steps);
    return ok_status();
  }
  Status operator()(const Listing& listing) const {
    auto lines = describe_listing(listing, view, options.now_ms);
    if (!lines.ok()) return std::move(lines).error();
    add_lines(std::move(lines).value());
    if (analyzed) return analyze([&] { return taken(run_listing(listing, view, options)); }, table);
    return scans();
  }
  Status operator()(const Funnel& funnel) const {
    const auto plan = plan_funnel(funnel, view, options.now_ms);
    if (!plan.ok()) return plan.error();
    add_lines(describe_funnel(plan.value()));
    if (analyzed) return analyze([&] { return taken(run_funnel(funnel, view, options)); }, table);
    return scans();
  }

  void add_lines(std::vector<std::string> lines) const {
    for (std::string& line : lines) add_line(table, std::move(line));
  }
  Status scans() const {  // The store foresees only aggregates.
    add_line(table, "Read: every raw event of the range; EXPLAIN ANALYZE says how many");
    return ok_status();
  }
};

}  // namespace

std::vector<Column> explain_columns() { return {{"QUERY PLAN", Type::kText}}; }

Result<Table> run_explain(const Explain& explain, const View& view, const Options& options) {
  Table table;
  table.columns = explain_columns();
  table.command_tag = "EXPLAIN";
  const Status explained = std::visit(Explained{explain.analyze, view, options, table}, explain.of);
  if (!explained.ok()) return explained.error();
  return table;
}

}  // namespace kpi::query
