#include "tools/kpi_query/milestones.h"

#include <algorithm>

#include "kpi/limits.h"

namespace kpi::tools {
namespace {

constexpr std::chrono::milliseconds kTimeout{2'000};

}  // namespace

bool has_time(const query::Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(), [](const query::Column& column) {
    return column.type == query::Type::kTimestamp;
  });
}

std::vector<Milestone> fetch_milestones(Connection& connection) {
  std::vector<Milestone> milestones;
  const auto table = fetch(connection, "SHOW MILESTONES", kTimeout, kMilestonesMax);
  if (!table) return milestones;
  for (const auto& row : table->rows) {
    Milestone milestone;
    bool dated = false;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const auto* const text = std::get_if<std::string>(&row[c]);
      const auto* const time_ms = std::get_if<std::int64_t>(&row[c]);
      if (text != nullptr && milestone.name.empty()) milestone.name = *text;
      if (time_ms == nullptr || table->columns[c].type != query::Type::kTimestamp) continue;
      milestone.at_ms = *time_ms;
      dated = true;
    }
    if (dated) milestones.push_back(std::move(milestone));
  }
  return milestones;
}

}  // namespace kpi::tools
