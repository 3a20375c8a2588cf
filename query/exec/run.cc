// Runs a statement on one view of a store.
#include "query/compare/run_compare.h"
#include "query/exec/explain.h"
#include "query/exec/milestones.h"
#include "query/exec/select.h"
#include "query/exec/show.h"
#include "query/parameter/parameters.h"
#include "query/text/ast.h"

namespace kpi::query {

namespace {

Error unsupported(const char* what) {
  return {ErrorCode::kUnsupported, std::string(what) + " is not supported by this version"};
}

struct Described {
  const View& view;

  Result<std::vector<Column>> operator()(const Select& select) const {
    auto plan = plan_select(select, view, 0);
    if (!plan.ok()) return std::move(plan).error();
    return std::move(plan.value().columns);
  }
  Result<std::vector<Column>> operator()(const Explain& explain) const {
    auto columns = std::visit(*this, explain.of);
    if (!columns.ok()) return columns;
    return explain_columns();
  }
  Result<std::vector<Column>> operator()(const Listing&) const { return unsupported("SELECT *"); }
  Result<std::vector<Column>> operator()(const Compare& compare) const {
    return compare_columns(compare, view);
  }
  Result<std::vector<Column>> operator()(const Funnel&) const { return unsupported("FUNNEL"); }
  Result<std::vector<Column>> operator()(const Follow&) const { return unsupported("FOLLOW"); }
  Result<std::vector<Column>> operator()(const Show& show) const { return show_columns(show); }
  Result<std::vector<Column>> operator()(const CreateMilestone&) const {
    return std::vector<Column>{};
  }
  Result<std::vector<Column>> operator()(const DropMilestone&) const {
    return std::vector<Column>{};
  }
};

struct Ran {
  Store& store;
  const View& view;
  const Options& options;

  Result<Table> operator()(const Select& select) const {
    auto selected = run_select(select, view, options);
    if (!selected.ok()) return std::move(selected).error();
    return std::move(selected.value().table);
  }
  Result<Table> operator()(const Listing&) const { return unsupported("SELECT *"); }
  Result<Table> operator()(const Compare& compare) const {
    auto compared = run_compare(compare, view, options);
    if (!compared.ok()) return std::move(compared).error();
    return std::move(compared.value().table);
  }
  Result<Table> operator()(const Funnel&) const { return unsupported("FUNNEL"); }
  Result<Table> operator()(const Follow&) const { return unsupported("FOLLOW"); }
  Result<Table> operator()(const Show& show) const { return run_show(show, store, view, options); }
  Result<Table> operator()(const Explain& explain) const {
    return run_explain(explain, view, options);
  }
  Result<Table> operator()(const CreateMilestone& create) const {
    return run_create_milestone(create, store, view, options);
  }
  Result<Table> operator()(const DropMilestone& drop) const {
    return run_drop_milestone(drop, store, view, options);
  }
};

}  // namespace

Result<std::vector<Column>> describe(const Statement& statement, const Store& store) {
  auto view = store.view();
  if (!view.ok()) return std::move(view).error();
  const auto node = with_samples(statement.node(), *view.value());
  if (!node.ok()) return node.error();
  auto columns = std::visit(Described{*view.value()}, node.value().body);
  if (!columns.ok()) return naming_parameter(std::move(columns).error(), statement.node());
  return columns;
}

Result<Table> run(const Statement& statement, Store& store, const Options& options) {
  auto view = store.view();
  if (!view.ok()) return std::move(view).error();
  auto table = std::visit(Ran{store, *view.value(), options}, statement.node().body);
  if (!table.ok()) return naming_parameter(std::move(table).error(), statement.node());
  return table;
}

bool follows(const Statement&) { return false; }

Result<std::unique_ptr<RowFeed>> follow(const Statement&, Store&, const Options&,
                                        std::function<void()>) {
  return Error{ErrorCode::kUnsupported, "FOLLOW is not supported by this version"};
}

}  // namespace kpi::query
