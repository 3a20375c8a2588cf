#include "query/exec/rows.h"

#include <algorithm>
#include <numeric>

namespace kpi::query {
namespace {

Error out_of_range() {
  return {ErrorCode::kInvalidArgument, "a value of the answer is out of range", {}, 0};
}

Scalar zero(Kind kind) {
  if (kind == Kind::kInt) return make_int(0);
  return kind == Kind::kFloat ? make_float(0) : Scalar{};
}

int compare_keys(const GroupTable& table, std::uint32_t left, std::uint32_t right) {
  for (const auto& column : table.keys) {
    const std::string_view a = column[left];
    const std::string_view b = column[right];
    if ((a.data() == nullptr) != (b.data() == nullptr)) return a.data() == nullptr ? 1 : -1;
    if (const int order = a.compare(b); order != 0) return order;
  }
  return 0;
}

// Ranks rows by sort values that were computed once, [row * keys + key].
class RowOrder {
 public:
  RowOrder(const Plan& plan, const GroupTable& table, const std::vector<Row>& rows,
           const std::vector<Scalar>& values)
      : plan_(plan), table_(table), rows_(rows), values_(values) {}

  bool operator()(std::uint32_t left, std::uint32_t right) const {
    const std::size_t keys = plan_.order_by.size();
    for (std::size_t key = 0; key < keys; ++key) {
      const int order = compare_values(plan_.order_by[key], values_[left * keys + key],
                                       values_[right * keys + key]);
      if (order != 0) return order < 0;
    }
    if (rows_[left].bucket_ms != rows_[right].bucket_ms) {
      return rows_[left].bucket_ms < rows_[right].bucket_ms;
    }
    return compare_keys(table_, rows_[left].group, rows_[right].group) < 0;
  }

 private:
  static int compare_values(const SortKey& key, const Scalar& left, const Scalar& right) {
    if (left.null() || right.null()) {
      if (left.null() == right.null()) return 0;
      return left.null() == key.nulls_first ? -1 : 1;
    }
    const int order = compare(left, right);
    return key.descending ? -order : order;
  }

  const Plan& plan_;
  const GroupTable& table_;
  const std::vector<Row>& rows_;
  const std::vector<Scalar>& values_;
};

}  // namespace

Scalar RowEvaluator::operator()(const Compiled& expr, const Row& row) {
  std::size_t group = row.group;
  if (row.filled && expr.has_aggregate) {
    if (plan_.fill == FillMode::kZero) return zero(expr.kind);
    if (plan_.fill == FillMode::kNull || row.previous == Row::kNoGroup) return {};
    group = row.previous;
  }
  return evaluate(expr, {&table_, group, row.bucket_ms, texts_});
}

Result<std::vector<Row>> filter_groups(const Plan& plan, const GroupTable& table,
                                       RowEvaluator& evaluate) {
  std::vector<Row> rows;
  rows.reserve(plan.having ? 0 : table.size);
  for (std::size_t group = 0; group < table.size; ++group) {
    Row row;
    row.group = static_cast<std::uint32_t>(group);
    if (!table.bucket_begin_ms.empty()) row.bucket_ms = table.bucket_begin_ms[group];
    if (plan.having) {
      const Scalar keep = evaluate(*plan.having, row);
      if (keep.kind == Kind::kOverflow) return out_of_range();
      if (!keep.truth()) continue;
    }
    rows.push_back(row);
  }
  return rows;
}

Result<std::vector<Row>> order_and_cut(const Plan& plan, const GroupTable& table,
                                       std::vector<Row> rows, RowEvaluator& evaluate) {
  std::vector<Scalar> values;
  values.reserve(rows.size() * plan.order_by.size());
  for (const Row& row : rows) {
    for (const SortKey& key : plan.order_by) {
      values.push_back(evaluate(key.expr, row));
      if (values.back().kind == Kind::kOverflow) return out_of_range();
    }
  }
  const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(plan.offset, rows.size()));
  const auto count = static_cast<std::size_t>(
      std::min<std::uint64_t>(plan.limit.value_or(rows.size()), rows.size() - begin));
  std::vector<std::uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(begin + count);
  const RowOrder before(plan, table, rows, values);
  if (end == order.end()) {
    std::sort(order.begin(), end, before);
  } else {
    std::partial_sort(order.begin(), end, order.end(), before);
  }
  std::vector<Row> out;
  out.reserve(count);
  for (std::size_t i = begin; i < begin + count; ++i) out.push_back(rows[order[i]]);
  return out;
}

}  // namespace kpi::query
