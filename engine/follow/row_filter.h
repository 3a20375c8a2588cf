// A follower's condition over rows as a journal record has them.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/dictionary/dictionary.h"
#include "engine/journal/record.h"
#include "engine/live/row_decoder.h"
#include "engine/read/condition.h"
#include "engine/read/filter.h"
#include "kpi/store.h"

namespace kpi {

// Not thread-safe.
class RowFilter {
 public:
  // kInvalidArgument, kLimitExceeded as split_filter() has them.
  static Result<std::unique_ptr<RowFilter>> make(Predicate where, const Dictionary& dictionary);

  // Replaces *selected: one of each row, 1 where it meets the condition. `rows` name `shapes`.
  void select(const std::vector<Shape>& shapes, std::span<const RecordReader::Row> rows,
              std::vector<std::uint8_t>* selected);

 private:
  RowFilter(Predicate where, const Dictionary& dictionary)
      : where_(std::move(where)), dictionary_(dictionary) {}
  void bind();
  void select_series(const std::vector<Shape>& shapes, std::span<const RecordReader::Row> rows,
                     std::span<const std::uint32_t> indexes, ColumnsBuilder* columns,
                     std::vector<std::uint8_t>* selected);

  const Predicate where_;
  const Dictionary& dictionary_;
  Filter filter_;  // Points into where_.
  Conjuncts conjuncts_;
  Condition condition_;
  std::uint32_t names_bound_ = UINT32_MAX;  // Measures and labels that there were.
  std::vector<std::uint32_t> measures_;
  bool labels_ = false;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint8_t> truths_;
  EventColumns events_;
};

}  // namespace kpi
