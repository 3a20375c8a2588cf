// Milestones for charts, where the store has any.
#pragma once
#include <vector>

#include "kpi/store.h"
#include "tools/kpi_query/connection.h"

namespace kpi::tools {

bool has_time(const query::Table& table);
// What SHOW MILESTONES says; nothing where that fails or takes long, as a chart without marks is
// better than none.
std::vector<Milestone> fetch_milestones(Connection& connection);

}  // namespace kpi::tools
