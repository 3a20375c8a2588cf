#include "query/exec/milestones.h"

#include <algorithm>

#include "query/plan/compiler.h"
#include "query/text/suggest.h"

namespace kpi::query {
namespace {

Status allowed(const Options& options, const char* statement) {
  if (options.may_change) return ok_status();
  return Error{ErrorCode::kPermissionDenied, std::string(statement) + " needs the role admin"};
}

// The store's own errors know no place in the text.
Status at(Status status, std::size_t position) {
  if (status.ok() || status.error().position != 0) return status;
  Error error = std::move(status).error();
  if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound) {
    error.position = position;
  }
  return error;
}

Result<std::int64_t> time_of(const Expr& expr, std::int64_t now_ms) {
  std::deque<std::string> texts;
  const auto value = fold_as(expr, Kind::kTime, now_ms, texts);
  if (!value.ok()) return value.error();
  if (value.value().kind == Kind::kTime) return value.value().integer;
  return Error{ErrorCode::kInvalidArgument, "expected a time, found " + to_text(expr),
               "write for example '2026-11-10T09:00Z' or now()", expr.position};
}

Table tagged(const char* tag) {
  Table table;
  table.command_tag = tag;
  return table;
}

}  // namespace

Result<Milestone> find_milestone(const View& view, const std::string& name, std::size_t position) {
  std::vector<std::string> names;
  for (Milestone& milestone : view.milestones()) {
    if (milestone.name == name) return std::move(milestone);
    names.push_back(std::move(milestone.name));
  }
  std::string hint = did_you_mean(name, names);
  if (hint.empty()) hint = "SHOW MILESTONES lists them";
  return Error{ErrorCode::kNotFound, "expected a known milestone, found '" + name + "'",
               std::move(hint), position};
}

Result<Table> run_create_milestone(const CreateMilestone& create, Store& store, const View& view,
                                   const Options& options) {
  if (Status may = allowed(options, "CREATE MILESTONE"); !may.ok()) return may.error();
  const std::string& name = create.name.text;
  if (name.empty() || name.size() > kMilestoneNameBytesMax) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected a name of 1 to " + std::to_string(kMilestoneNameBytesMax) +
                     " bytes, found " + std::to_string(name.size()),
                 {},
                 create.name.position};
  }
  const auto control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; };
  if (std::any_of(name.begin(), name.end(), control)) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected a name without control characters",
                 {},
                 create.name.position};
  }
  const auto time = time_of(*create.at, options.now_ms);
  if (!time.ok()) return time.error();
  if (find_milestone(view, name, 0).ok()) {
    return Error{ErrorCode::kInvalidArgument, "expected a new name, found milestone '" + name + "'",
                 "choose another name, or DROP MILESTONE first", create.name.position};
  }
  if (time.value() < 0 || time.value() > kTimeMsMax) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected a time from 1970 to 2149, found " + to_text(*create.at),
                 {},
                 create.at->position};
  }
  const Status created = at(store.create_milestone({name, time.value()}), create.name.position);
  if (!created.ok()) return created.error();
  return tagged("CREATE MILESTONE");
}

Result<Table> run_drop_milestone(const DropMilestone& drop, Store& store, const View& view,
                                 const Options& options) {
  if (Status may = allowed(options, "DROP MILESTONE"); !may.ok()) return may.error();
  const auto found = find_milestone(view, drop.name.text, drop.name.position);
  if (!found.ok()) return found.error();
  const Status dropped = at(store.drop_milestone(drop.name.text), drop.name.position);
  if (!dropped.ok()) return dropped.error();
  return tagged("DROP MILESTONE");
}

}  // namespace kpi::query
