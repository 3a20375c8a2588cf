#include "engine/live/row_decoder.h"

#include <algorithm>

namespace kpi {

void ColumnsBuilder::use_shape(const Shape& shape) {
  shape_ = &shape;
  measure_columns_.clear();
  label_columns_.clear();
  for (const std::uint32_t id : shape.measures) {
    const auto found = std::find_if(out_.measures.begin(), out_.measures.end(),
                                    [&](const auto& column) { return column.id == id; });
    measure_columns_.push_back(static_cast<std::uint32_t>(found - out_.measures.begin()));
    if (found == out_.measures.end()) out_.measures.push_back({id, {}, {}});
  }
  for (const std::uint32_t id : shape.labels) {
    const auto found = std::find_if(out_.labels.begin(), out_.labels.end(),
                                    [&](const auto& column) { return column.name_id == id; });
    label_columns_.push_back(static_cast<std::uint32_t>(found - out_.labels.begin()));
    if (found == out_.labels.end()) out_.labels.push_back({id, {}});
  }
}

void ColumnsBuilder::add(const Shape& shape, std::int64_t time_ms, std::string_view values) {
  if (shape_ != &shape) use_shape(shape);
  const auto row = static_cast<std::uint32_t>(out_.times_ms.size());
  out_.times_ms.push_back(time_ms);
  out_.kinds.push_back(shape.kind);
  if (shape.weight != 1000 && out_.weights.empty()) out_.weights.assign(row, 1000);
  if (shape.weight != 1000 || !out_.weights.empty()) out_.weights.push_back(shape.weight);
  ByteReader reader(values);
  for (const std::uint32_t column : measure_columns_) {
    std::uint32_t value = 0;
    KPI_ASSERT(reader.varint32(value));
    out_.measures[column].values.push_back(value);
    out_.measures[column].rows.push_back(row);
  }
  for (std::size_t i = 0; i < label_columns_.size(); ++i) {
    std::vector<std::uint32_t>& ids = out_.labels[label_columns_[i]].value_ids;
    ids.resize(row, 0);
    ids.push_back(shape.label_values[i]);
  }
}

void ColumnsBuilder::finish() {
  for (EventColumns::Label& label : out_.labels) label.value_ids.resize(out_.size(), 0);
  for (EventColumns::Measure& measure : out_.measures) {
    if (measure.rows.size() == out_.size()) measure.rows.clear();
  }
  std::sort(out_.measures.begin(), out_.measures.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  std::sort(out_.labels.begin(), out_.labels.end(),
            [](const auto& a, const auto& b) { return a.name_id < b.name_id; });
  shape_ = nullptr;
}

}  // namespace kpi
