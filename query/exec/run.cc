// Runs a statement on one view of a store.
#include <algorithm>

#include "query/exec/explain.h"
#include "query/exec/select.h"
#include "query/exec/show.h"
#include "query/text/ast.h"

namespace kpi::query {

Result<std::vector<Column>> describe(const Statement& statement, const Store& store) {
  if (const auto* show = std::get_if<Show>(&statement.node().body)) return show_columns(*show);
  auto view = store.view();
  if (!view.ok()) return std::move(view).error();
  const auto* explain = std::get_if<Explain>(&statement.node().body);
  const Select& select = explain ? explain->select : std::get<Select>(statement.node().body);
  auto plan = plan_select(select, *view.value(), 0);
  if (!plan.ok()) return std::move(plan).error();
  return explain ? explain_columns() : std::move(plan.value().columns);
}

Result<Table> run(const Statement& statement, Store& store, const Options& options) {
  auto view = store.view();
  if (!view.ok()) return std::move(view).error();
  const auto& body = statement.node().body;
  if (const auto* show = std::get_if<Show>(&body)) {
    return run_show(*show, store, *view.value(), options);
  }
  if (const auto* explain = std::get_if<Explain>(&body)) {
    return run_explain(*explain, *view.value(), options);
  }
  auto selected = run_select(std::get<Select>(body), *view.value(), options);
  if (!selected.ok()) return std::move(selected).error();
  return std::move(selected.value().table);
}

bool follows(const Statement&) { return false; }

Result<std::vector<Type>> parameter_types(const Statement&, const Store&) {
  return std::vector<Type>{};
}

Result<Statement> bind(const Statement& statement, const std::vector<Value>&) { return statement; }

Result<std::unique_ptr<RowFeed>> follow(const Statement&, Store&, const Options&,
                                        std::function<void()>) {
  return Error{ErrorCode::kUnsupported, "FOLLOW is not supported by this version"};
}

}  // namespace kpi::query
