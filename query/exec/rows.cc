#include "query/exec/rows.h"

#include <algorithm>
#include <numeric>

#include "query/exec/answer.h"

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

int compare_values(const SortKey& key, const Scalar& left, const Scalar& right) {
  if (left.null() || right.null()) {
    if (left.null() == right.null()) return 0;
    return left.null() == key.nulls_first ? -1 : 1;
  }
  const int order = compare(left, right);
  return key.descending ? -order : order;
}

// Gathers rows with their sort values, each computed once, and keeps only those that can still be
// among the first `most`: ranking many groups for a short answer takes little memory.
class Ranking {
 public:
  Ranking(const Plan& plan, const GroupTable& table, std::size_t most)
      : plan_(plan), table_(table), most_(most), pruned_at_(std::max(2 * most, kBlockRows)) {}

  // False: a value out of range.
  bool add(const Row& row, RowEvaluator& evaluate) {
    for (const SortKey& key : plan_.order_by) {
      values_.push_back(evaluate(key.expr, row));
      if (values_.back().kind == Kind::kOverflow) return false;
    }
    rows_.push_back(row);
    if (rows_.size() >= pruned_at_) prune();
    return true;
  }

  std::size_t bytes() const { return values_.size() * sizeof(Scalar) + rows_.size() * sizeof(Row); }

  std::vector<Row> finish() {
    prune();
    return std::move(rows_);
  }

 private:
  static constexpr std::size_t kBlockRows = 4096;

  bool before(std::uint32_t left, std::uint32_t right) const {
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

  // Leaves the first `most_` rows, in order.
  void prune() {
    std::vector<std::uint32_t> order(rows_.size());
    std::iota(order.begin(), order.end(), 0U);
    const std::size_t kept = std::min(most_, rows_.size());
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(kept);
    const auto less = [this](std::uint32_t a, std::uint32_t b) { return before(a, b); };
    if (end != order.end()) std::nth_element(order.begin(), end, order.end(), less);
    std::sort(order.begin(), end, less);
    const std::size_t keys = plan_.order_by.size();
    std::vector<Row> rows;
    std::vector<Scalar> values;
    rows.reserve(kept);
    values.reserve(kept * keys);
    for (std::size_t i = 0; i < kept; ++i) {
      rows.push_back(rows_[order[i]]);
      for (std::size_t key = 0; key < keys; ++key) values.push_back(values_[order[i] * keys + key]);
    }
    rows_ = std::move(rows);
    values_ = std::move(values);
  }

  const Plan& plan_;
  const GroupTable& table_;
  std::size_t most_, pruned_at_;
  std::vector<Row> rows_;
  std::vector<Scalar> values_;  // [row * sort keys + sort key]
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

Status RowEvaluator::may_go_on(std::size_t more_bytes) {
  for (; texts_counted_ < texts_.size(); ++texts_counted_) {
    text_bytes_ += sizeof(std::string) + texts_[texts_counted_].size();
  }
  if (text_bytes_ + more_bytes > options_.bytes_max) return too_many_bytes(options_.bytes_max);
  if (options_.stop.stop_requested()) return Error{ErrorCode::kCanceled, "canceled"};
  return ok_status();
}

void RowEvaluator::forget_texts() {
  texts_.clear();
  texts_counted_ = text_bytes_ = 0;
}

Result<std::vector<Row>> filter_groups(const Plan& plan, const GroupTable& table,
                                       RowEvaluator& evaluate) {
  std::vector<Row> rows;
  rows.reserve(table.size);
  for (std::size_t group = 0; group < table.size; ++group) {
    Row row;
    row.group = static_cast<std::uint32_t>(group);
    if (!table.bucket_begin_ms.empty()) row.bucket_ms = table.bucket_begin_ms[group];
    if (plan.having) {
      const Scalar keep = evaluate(*plan.having, row);
      if (keep.kind == Kind::kOverflow) return out_of_range();
      if (Status going = evaluate.may_go_on(); !going.ok()) return going.error();
      evaluate.forget_texts();
      if (!keep.truth()) continue;
    }
    rows.push_back(row);
  }
  return rows;
}

Result<std::vector<Row>> order_and_cut(const Plan& plan, const GroupTable& table,
                                       std::vector<Row> rows, RowEvaluator& evaluate) {
  const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(plan.offset, rows.size()));
  const auto count = static_cast<std::size_t>(
      std::min<std::uint64_t>(plan.limit.value_or(rows.size()), rows.size() - begin));
  Ranking ranking(plan, table, begin + count);
  for (const Row& row : rows) {
    if (!ranking.add(row, evaluate)) return out_of_range();
    if (Status going = evaluate.may_go_on(ranking.bytes()); !going.ok()) return going.error();
  }
  std::vector<Row> out = ranking.finish();
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(begin));
  return out;
}

}  // namespace kpi::query
