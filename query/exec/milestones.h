// CREATE and DROP MILESTONE, and looking one up.
#pragma once
#include <cstddef>
#include <string>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/text/ast.h"

namespace kpi::query {

// The milestone of that name; kNotFound points at `position`, with the nearest name as a hint.
Result<Milestone> find_milestone(const View& view, const std::string& name, std::size_t position);

// kPermissionDenied: Options::may_change is not set. Errors carry the place in the text.
Result<Table> run_create_milestone(const CreateMilestone& create, Store& store, const View& view,
                                   const Options& options);
Result<Table> run_drop_milestone(const DropMilestone& drop, Store& store, const View& view,
                                 const Options& options);

}  // namespace kpi::query
