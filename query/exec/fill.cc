#include <algorithm>

#include "query/exec/group_key.h"
#include "query/exec/rows.h"

namespace kpi::query {
namespace {

GroupKey combination(const GroupTable& table, std::uint32_t group) {
  GroupKey key;
  for (const auto& column : table.keys) key.keys.push_back(column[group]);
  return key;
}

// Rows of one combination of keys each, in order of time.
std::vector<std::vector<Row>> by_combination(const GroupTable& table,
                                             const std::vector<Row>& rows) {
  std::vector<std::vector<Row>> out;
  GroupIndex index;
  for (const Row& row : rows) {
    const auto [at, added] = index.emplace(combination(table, row.group), out.size());
    if (added) out.emplace_back();
    out[at->second].push_back(row);
  }
  for (auto& series : out) {
    std::sort(series.begin(), series.end(),
              [](const Row& a, const Row& b) { return a.bucket_ms < b.bucket_ms; });
  }
  return out;
}

Error too_many(std::size_t rows_max) {
  return {ErrorCode::kLimitExceeded,
          "expected at most " + std::to_string(rows_max) + " rows, FILL gives more",
          "ask for a shorter range or wider buckets"};
}

// The begins of all buckets that `range` touches. False: more than `most`.
bool list_buckets(const Bucketing& bucketing, const TimeRange& range, std::size_t most,
                  std::vector<std::int64_t>& begins) {
  if (range.empty()) return true;
  auto begin = std::optional(bucketing.floor(range.begin_ms));
  for (; begin && *begin < range.end_ms; begin = bucketing.next(*begin)) {
    if (begins.size() == most) return false;
    begins.push_back(*begin);
  }
  return true;
}

void fill_series(const std::vector<Row>& series, const std::vector<std::int64_t>& begins,
                 std::vector<Row>& out) {
  auto next = series.begin();
  Row filled = series.empty() ? Row{} : series.front();
  filled.filled = true;
  for (const std::int64_t begin : begins) {
    for (; next != series.end() && next->bucket_ms <= begin; ++next) {
      filled.previous = next->group;
      out.push_back(*next);
    }
    if (!out.empty() && !out.back().filled && out.back().bucket_ms == begin &&
        filled.previous == out.back().group) {
      continue;
    }
    filled.bucket_ms = begin;
    out.push_back(filled);
  }
  out.insert(out.end(), next, series.end());  // Later than now, where the range had no end.
}

}  // namespace

Result<std::vector<Row>> fill_buckets(const Plan& plan, const GroupTable& table,
                                      std::vector<Row> rows, std::size_t rows_max) {
  if (plan.fill == FillMode::kNone) return rows;
  std::vector<std::int64_t> begins;
  if (!list_buckets(*plan.bucketing, plan.fill_range, rows_max, begins)) return too_many(rows_max);
  auto series = by_combination(table, rows);
  if (series.empty() && table.keys.empty()) series.emplace_back();
  if (!series.empty() && begins.size() > rows_max / series.size()) return too_many(rows_max);
  std::vector<Row> out;
  out.reserve(series.size() * begins.size());
  for (const auto& rows_of_series : series) fill_series(rows_of_series, begins, out);
  return out;
}

}  // namespace kpi::query
