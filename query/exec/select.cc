#include "query/exec/select.h"

#include <algorithm>

#include "query/exec/answer.h"
#include "query/exec/groups.h"
#include "query/exec/rows.h"
#include "query/exec/small_groups.h"

namespace kpi::query {
namespace {

Result<std::vector<Row>> choose_rows(const Plan& plan, const GroupTable& table,
                                     RowEvaluator& evaluate, std::size_t rows_max) {
  auto rows = filter_groups(plan, table, evaluate);
  if (!rows.ok()) return rows;
  rows = fill_buckets(plan, table, std::move(rows).value(), rows_max);
  if (!rows.ok()) return rows;
  return order_and_cut(plan, table, std::move(rows).value(), evaluate);
}

Status build_row(const Plan& plan, const Row& row, RowEvaluator& evaluate,
                 std::vector<Value>& values) {
  values.reserve(plan.outputs.size());
  for (const Compiled& output : plan.outputs) {
    const Scalar scalar = evaluate(output, row);
    if (scalar.kind == Kind::kOverflow) {
      return Error{ErrorCode::kInvalidArgument, "a value of the answer is out of range"};
    }
    values.push_back(to_value(scalar));
  }
  return ok_status();
}

Status build_rows(const Plan& plan, const GroupTable& groups, const Options& options,
                  Table& table) {
  RowEvaluator evaluate(plan, groups, options);
  const auto rows = choose_rows(plan, groups, evaluate, options.rows_max);
  if (!rows.ok()) return rows.error();
  if (rows.value().size() > options.rows_max) {
    return beyond_rows_max(rows.value().size(), options.rows_max);
  }
  table.rows.reserve(rows.value().size());
  std::size_t bytes = 0;
  for (const Row& row : rows.value()) {
    if (Status going = evaluate.may_go_on(); !going.ok()) return going;
    evaluate.forget_texts();
    auto& values = table.rows.emplace_back();
    if (Status built = build_row(plan, row, evaluate, values); !built.ok()) return built;
    bytes += bytes_of(values);
    if (bytes > options.bytes_max) return too_many_bytes(options.bytes_max);
  }
  return ok_status();
}

}  // namespace

Value to_value(const Scalar& scalar) {
  switch (scalar.kind) {
    case Kind::kBool:
      return scalar.truth();
    case Kind::kInt:
    case Kind::kTime:
      return scalar.integer;
    case Kind::kFloat:
      return scalar.number;
    case Kind::kText:
      return std::string(scalar.text);
    default:
      return std::monostate{};
  }
}

Result<Selected> run_select(const Select& select, const View& view, const Options& options) {
  auto plan = plan_select(select, view, options.now_ms);
  if (!plan.ok()) return std::move(plan).error();
  Selected out;
  Groups groups;
  groups.table.size = 1;  // The one row of constants.
  if (plan.value().over_events) {
    auto read = read_groups(plan.value(), view, options);
    if (!read.ok()) return std::move(read).error();
    groups = std::move(read).value();
    note_coverage(plan.value().request.range, groups.covered, out.table.notes);
    note_hidden(groups.table, options, out.table.notes);
  }
  const Status built = build_rows(plan.value(), groups.table, options, out.table);
  if (!built.ok()) return built.error();
  out.table.columns = std::move(plan.value().columns);
  out.table.command_tag = "SELECT " + std::to_string(out.table.rows.size());
  out.steps = std::move(groups.steps);
  return out;
}

}  // namespace kpi::query
