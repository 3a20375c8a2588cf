// Which rows an answer has, and in which order, before any text of it is built.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "kpi/query.h"
#include "kpi/result.h"
#include "query/exec/answer.h"
#include "query/function/compiled.h"
#include "query/plan/plan.h"

namespace kpi::query {

struct Row {
  static constexpr std::uint32_t kNoGroup = 0xFFFFFFFF;
  std::uint32_t group = 0;            // Of the table; of a filled row: one with the same keys.
  std::uint32_t previous = kNoGroup;  // Of a filled row: the last group before it that has data.
  std::int64_t bucket_ms = 0;
  bool filled = false;
};

// A value of a row: of a filled row, what FILL says of aggregates.
class RowEvaluator {
 public:
  RowEvaluator(const Plan& plan, const GroupTable& table, const Options& options)
      : plan_(plan), table_(table), options_(options) {}
  Scalar operator()(const Compiled& expr, const Row& row);

  // To be asked once a row. kCanceled; kLimitExceeded: texts, and `more_bytes` that the caller
  // keeps, of more than Options::bytes_max.
  Status may_go_on(std::size_t more_bytes = 0);
  void forget_texts();  // No value that was answered before is used any more.

 private:
  const Plan& plan_;
  const GroupTable& table_;
  const Options& options_;
  std::deque<std::string> texts_;  // What text values point to: alive as long as this.
  std::size_t texts_counted_ = 0, text_bytes_ = 0;
};

// The groups that HAVING lets through. kInvalidArgument: a value out of range.
Result<std::vector<Row>> filter_groups(const Plan& plan, const GroupTable& table,
                                       RowEvaluator& evaluate);
// Adds a row for every bucket of the range that a combination of keys lacks.
// kLimitExceeded: more than `rows_max` rows.
Result<std::vector<Row>> fill_buckets(const Plan& plan, const GroupTable& table,
                                      std::vector<Row> rows, std::size_t rows_max);
// ORDER BY, then bucket and keys (NULL last, bytewise), so that the order is the same every time;
// then LIMIT and OFFSET.
Result<std::vector<Row>> order_and_cut(const Plan& plan, const GroupTable& table,
                                       std::vector<Row> rows, RowEvaluator& evaluate);

}  // namespace kpi::query
