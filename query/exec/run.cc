// Runs a statement on one view of a store.
#include "query/compare/run_compare.h"
#include "query/exec/events.h"
#include "query/exec/explain.h"
#include "query/exec/feed.h"
#include "query/exec/milestones.h"
#include "query/exec/select.h"
#include "query/exec/show.h"
#include "query/exec/small_groups.h"
#include "query/funnel/funnel.h"
#include "query/funnel/funnel_plan.h"
#include "query/parameter/parameters.h"
#include "query/plan/spellings.h"
#include "query/text/ast.h"

namespace kpi::query {

namespace {

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
  Result<std::vector<Column>> operator()(const Listing& listing) const {
    const auto lines = describe_listing(listing, view, 0);
    if (!lines.ok()) return lines.error();
    return event_columns();
  }
  Result<std::vector<Column>> operator()(const Compare& compare) const {
    return compare_columns(compare, view);
  }
  Result<std::vector<Column>> operator()(const Funnel& funnel) const {
    auto plan = plan_funnel(funnel, view, 0);
    if (!plan.ok()) return std::move(plan).error();
    return std::move(plan.value().columns);
  }
  Result<std::vector<Column>> operator()(const Follow& follow) const {
    const auto request = plan_scan(follow.where, view, 0);
    if (!request.ok()) return request.error();
    return event_columns();
  }
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
  std::size_t position;  // Of the statement.

  Result<Table> operator()(const Select& select) const {
    auto selected = run_select(select, view, options);
    if (!selected.ok()) return std::move(selected).error();
    return std::move(selected.value().table);
  }
  Result<Table> operator()(const Listing& listing) const {
    if (Status may = no_single_events(options, "SELECT *", position); !may.ok()) return may.error();
    auto listed = run_listing(listing, view, options);
    if (!listed.ok()) return std::move(listed).error();
    return std::move(listed.value().table);
  }
  Result<Table> operator()(const Compare& compare) const {
    auto compared = run_compare(compare, view, options);
    if (!compared.ok()) return std::move(compared).error();
    return std::move(compared.value().table);
  }
  Result<Table> operator()(const Funnel& funnel) const {
    auto funneled = run_funnel(funnel, view, options);
    if (!funneled.ok()) return std::move(funneled).error();
    return std::move(funneled.value().table);
  }
  Result<Table> operator()(const Follow&) const {
    return Error{ErrorCode::kInvalidArgument, "FOLLOW has no end, so it cannot be answered at once",
                 "for what is stored: SELECT * FROM events", position};
  }
  Result<Table> operator()(const Show& show) const { return run_show(show, store, view, options); }
  Result<Table> operator()(const Explain& explain) const {
    // It counts what it would read.
    if (Status may = no_single_events(options, "EXPLAIN", position); !may.ok()) return may.error();
    return run_explain(explain, view, options);
  }
  Result<Table> operator()(const CreateMilestone& create) const {
    return run_create_milestone(create, store, view, options);
  }
  Result<Table> operator()(const DropMilestone& drop) const {
    return run_drop_milestone(drop, store, view, options);
  }
};

Statement::Node spelled(const Statement::Node& node, const Options& options) {
  return options.aliases == nullptr ? node : with_all_spellings(node, *options.aliases);
}

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
  if (Status bound = without_parameters(statement.node()); !bound.ok()) return bound.error();
  auto view = store.view();
  if (!view.ok()) return std::move(view).error();
  const Statement::Node node = spelled(statement.node(), options);
  auto table = std::visit(Ran{store, *view.value(), options, node.position}, node.body);
  if (!table.ok()) return naming_parameter(std::move(table).error(), statement.node());
  return table;
}

bool follows(const Statement& statement) {
  return std::holds_alternative<Follow>(statement.node().body);
}

Result<std::unique_ptr<RowFeed>> follow(const Statement& statement, Store& store,
                                        const Options& options, std::function<void()> on_rows) {
  if (!follows(statement)) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected FOLLOW, found " + statement.text(),
                 {},
                 statement.node().position};
  }
  if (Status bound = without_parameters(statement.node()); !bound.ok()) return bound.error();
  Status may = no_single_events(options, "FOLLOW", statement.node().position);
  if (!may.ok()) return may.error();
  const Statement::Node node = spelled(statement.node(), options);
  auto feed = open_feed(std::get<Follow>(node.body), store, options, std::move(on_rows));
  if (!feed.ok()) return naming_parameter(std::move(feed).error(), statement.node());
  return feed;
}

}  // namespace kpi::query
