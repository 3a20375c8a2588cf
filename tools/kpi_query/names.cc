#include "tools/kpi_query/names.h"

namespace kpi::tools {
namespace {

const std::string& text_of(const query::Value& value) {
  static const std::string kNone;
  const auto* const text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : kNone;
}

std::vector<std::string> first_column(Connection& connection, const char* statement) {
  std::vector<std::string> names;
  const auto table = fetch(connection, statement, NameSource::kTimeout, NameSource::kNamesMax);
  if (!table) return names;
  for (const auto& row : table->rows) {
    if (!row.empty() && !text_of(row[0]).empty()) names.push_back(text_of(row[0]));
  }
  return names;
}

void fetch_labels(Connection& connection, Names& names) {
  const auto table = fetch(connection, "SHOW LABELS", NameSource::kTimeout, NameSource::kNamesMax);
  if (!table) return;
  for (const auto& row : table->rows) {
    if (row.size() < 2 || text_of(row[0]).empty()) continue;
    if (names.labels.empty() || names.labels.back().first != text_of(row[0])) {
      names.labels.emplace_back(text_of(row[0]), std::vector<std::string>());
    }
    names.labels.back().second.push_back(text_of(row[1]));
  }
}

}  // namespace

const Names& NameSource::names() {
  const auto now = std::chrono::steady_clock::now();
  if (fetched_ && now - *fetched_ < kFresh) return names_;
  names_ = {};
  names_.rps = first_column(connection_, "SHOW RPS");
  names_.measures = first_column(connection_, "SHOW MEASURES");
  names_.milestones = first_column(connection_, "SHOW MILESTONES");
  fetch_labels(connection_, names_);
  fetched_ = std::chrono::steady_clock::now();
  return names_;
}

}  // namespace kpi::tools
