#include "query/exec/show.h"

#include "query/exec/select.h"
#include "query/text/suggest.h"

namespace kpi::query {
namespace {

constexpr const char* kErrorsQuery =
    "SELECT error, error_class, count(*) FROM events WHERE error IS NOT NULL "
    "GROUP BY error, error_class ORDER BY count(*) DESC";

std::vector<Column> texts(std::initializer_list<const char*> names) {
  std::vector<Column> columns;
  for (const char* name : names) columns.push_back({name, Type::kText});
  return columns;
}

void list(Table& table, std::vector<std::string> names) {
  for (std::string& name : names) table.rows.push_back({std::move(name)});
}

Status list_clients(const Show& show, const View& view, Table& table) {
  auto clients = view.clients(show.rp);
  if (clients.ok()) {
    list(table, std::move(clients).value());
    return ok_status();
  }
  Error error = std::move(clients).error();
  if (error.code != ErrorCode::kNotFound) return error;
  return Error{ErrorCode::kNotFound, "expected a known RP, found '" + show.rp + "'",
               did_you_mean(show.rp, view.rps()), show.rp_position};
}

Status list_errors(const View& view, const Options& options, Table& table) {
  const auto statements = parse(kErrorsQuery);
  if (!statements.ok()) return statements.error();
  auto selected = run_select(std::get<Select>(statements.value()[0].node().body), view, options);
  if (!selected.ok()) return std::move(selected).error();
  table.rows = std::move(selected.value().table.rows);
  return ok_status();
}

void list_labels(const View& view, Table& table) {
  for (View::LabelNames& label : view.labels()) {
    for (std::string& value : label.values) table.rows.push_back({label.name, std::move(value)});
  }
}

Status list_rows(const Show& show, const Store& store, const View& view, const Options& options,
                 Table& table) {
  switch (show.subject) {
    case ShowSubject::kRps:
      list(table, view.rps());
      break;
    case ShowSubject::kClients:
      return list_clients(show, view, table);
    case ShowSubject::kMeasures:
      list(table, view.measures());
      break;
    case ShowSubject::kErrors:
      return list_errors(view, options, table);
    case ShowSubject::kLabels:
      list_labels(view, table);
      break;
    case ShowSubject::kMilestones:
      for (Milestone& milestone : view.milestones()) {
        table.rows.push_back({std::move(milestone.name), milestone.at_ms});
      }
      break;
    case ShowSubject::kStatus:
      for (auto& [name, value] : store.status()) table.rows.push_back({name, value});
  }
  return ok_status();
}

}  // namespace

std::vector<Column> show_columns(const Show& show) {
  switch (show.subject) {
    case ShowSubject::kRps:
      return texts({"rp"});
    case ShowSubject::kClients:
      return texts({"client"});
    case ShowSubject::kMeasures:
      return texts({"measure"});
    case ShowSubject::kLabels:
      return texts({"label", "value"});
    case ShowSubject::kStatus:
      return texts({"name", "value"});
    case ShowSubject::kMilestones:
      return {{"milestone", Type::kText}, {"at", Type::kTimestamp}};
    case ShowSubject::kErrors:
      break;
  }
  std::vector<Column> columns = texts({"error", "error_class"});
  columns.push_back({"count", Type::kInt8});
  return columns;
}

Result<Table> run_show(const Show& show, const Store& store, const View& view,
                       const Options& options) {
  Table table;
  table.columns = show_columns(show);
  table.command_tag = "SHOW";
  const Status listed = list_rows(show, store, view, options, table);
  if (!listed.ok()) return listed.error();
  if (table.rows.size() > options.rows_max) {
    return Error{ErrorCode::kLimitExceeded, "expected at most " + std::to_string(options.rows_max) +
                                                " rows, found " +
                                                std::to_string(table.rows.size())};
  }
  return table;
}

}  // namespace kpi::query
