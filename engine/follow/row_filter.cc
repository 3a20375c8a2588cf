#include "engine/follow/row_filter.h"

#include <algorithm>
#include <numeric>

namespace kpi {

Result<std::unique_ptr<RowFilter>> RowFilter::make(Predicate where, const Dictionary& dictionary) {
  std::unique_ptr<RowFilter> made(new RowFilter(std::move(where), dictionary));
  Result<Filter> filter = split_filter(made->where_, TimeRange{});
  if (!filter.ok()) return filter.error();
  made->filter_ = std::move(filter).value();
  for (const Conjuncts* part : {&made->filter_.series, &made->filter_.kind, &made->filter_.event}) {
    made->conjuncts_.insert(made->conjuncts_.end(), part->begin(), part->end());
  }
  made->bind();
  return made;
}

// A name that no event had when the watch began may be in the next group.
void RowFilter::bind() {
  const std::uint32_t names =
      dictionary_.count(NameKind::kMeasure) + dictionary_.count(NameKind::kLabel);
  if (names == names_bound_) return;
  names_bound_ = names;
  condition_ = Condition(conjuncts_, dictionary_);
  measures_.clear();
  labels_ = false;
  condition_.add_columns(&measures_, &labels_);
}

void RowFilter::select(const std::vector<Shape>& shapes, std::span<const RecordReader::Row> rows,
                       std::vector<std::uint8_t>* selected) {
  bind();
  selected->resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    (*selected)[i] = filter_.range.contains(rows[i].time_ms) ? 1 : 0;
  }
  if (conjuncts_.empty()) return;
  order_.resize(rows.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::pair(rows[a].series, a) < std::pair(rows[b].series, b);
  });
  ChunkSelection selection;
  selection.measures = measures_;
  selection.labels = labels_;
  ColumnsBuilder columns(&events_, selection);
  for (std::size_t begin = 0; begin < order_.size();) {
    std::size_t end = begin;
    while (end < order_.size() && rows[order_[end]].series == rows[order_[begin]].series) ++end;
    select_series(shapes, rows, std::span(order_).subspan(begin, end - begin), &columns, selected);
    begin = end;
  }
}

void RowFilter::select_series(const std::vector<Shape>& shapes,
                              std::span<const RecordReader::Row> rows,
                              std::span<const std::uint32_t> indexes, ColumnsBuilder* columns,
                              std::vector<std::uint8_t>* selected) {
  columns->restart();
  for (const std::uint32_t index : indexes) {
    columns->add(shapes[rows[index].shape], rows[index].time_ms, rows[index].values);
  }
  columns->finish();
  const Dictionary::Series series = dictionary_.series(rows[indexes[0]].series);
  condition_.set_series(dictionary_.rp(series.rp_id), series.client);
  truths_.assign(indexes.size(), 1);
  condition_.select(events_, &truths_);
  for (std::size_t i = 0; i < indexes.size(); ++i) (*selected)[indexes[i]] &= truths_[i];
}

}  // namespace kpi
