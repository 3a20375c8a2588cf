#include "engine/live/row_decoder.h"

#include <algorithm>

namespace kpi {

ColumnsBuilder::ColumnsBuilder(EventColumns* out, const ChunkSelection& selection)
    : out_(*out), selection_(selection) {
  restart();
}

void ColumnsBuilder::restart() {
  out_.times_ms.clear();
  out_.kinds.clear();
  out_.weights.clear();
  for (EventColumns::Measure& measure : out_.measures) {
    measure.values.clear();
    measure.rows.clear();
  }
  for (EventColumns::Label& label : out_.labels) label.value_ids.clear();
  shape_ = nullptr;
  if (!moved_) return;
  routes_.clear();
  moved_ = false;
}

bool ColumnsBuilder::wants(std::uint32_t measure) const {
  return selection_.all_measures ||
         std::find(selection_.measures.begin(), selection_.measures.end(), measure) !=
             selection_.measures.end();
}

std::uint32_t ColumnsBuilder::measure_column(std::uint32_t id) {
  const auto found = std::find_if(out_.measures.begin(), out_.measures.end(),
                                  [&](const auto& column) { return column.id == id; });
  const auto index = static_cast<std::uint32_t>(found - out_.measures.begin());
  if (found == out_.measures.end()) out_.measures.push_back({id, {}, {}});
  return index;
}

std::uint32_t ColumnsBuilder::label_column(std::uint32_t id) {
  const auto found = std::find_if(out_.labels.begin(), out_.labels.end(),
                                  [&](const auto& column) { return column.name_id == id; });
  const auto index = static_cast<std::uint32_t>(found - out_.labels.begin());
  if (found == out_.labels.end()) out_.labels.push_back({id, {}});
  return index;
}

const ColumnsBuilder::Route& ColumnsBuilder::route(const Shape& shape) {
  const auto [found, is_new] = routes_.try_emplace(&shape);
  Route& route = found->second;
  if (!is_new) return route;
  std::uint32_t skipped = 0;
  for (const std::uint32_t id : shape.measures) {
    if (!wants(id)) {
      ++skipped;
      continue;
    }
    route.values.push_back({skipped, measure_column(id)});
    skipped = 0;
  }
  if (selection_.labels) {
    for (const std::uint32_t id : shape.labels) route.labels.push_back(label_column(id));
  }
  return route;
}

void ColumnsBuilder::add(const Shape& shape, std::int64_t time_ms, std::string_view values) {
  if (shape_ != &shape) {
    shape_ = &shape;
    route_ = &route(shape);
  }
  const auto row = static_cast<std::uint32_t>(out_.times_ms.size());
  out_.times_ms.push_back(time_ms);
  out_.kinds.push_back(shape.kind);
  if (shape.weight != 1000 && out_.weights.empty()) out_.weights.assign(row, 1000);
  if (shape.weight != 1000 || !out_.weights.empty()) out_.weights.push_back(shape.weight);
  const char* at = values.data();
  const char* const end = at + values.size();
  for (const Step& step : route_->values) {
    at = skip_varints(at, end, step.skipped);
    ByteReader reader({at, static_cast<std::size_t>(end - at)});
    std::uint32_t value = 0;
    KPI_ASSERT(reader.varint32(value));
    at = reader.position();
    out_.measures[step.column].values.push_back(value);
    out_.measures[step.column].rows.push_back(row);
  }
  for (std::size_t i = 0; i < route_->labels.size(); ++i) {
    std::vector<std::uint32_t>& ids = out_.labels[route_->labels[i]].value_ids;
    ids.resize(row, 0);
    ids.push_back(shape.label_values[i]);
  }
}

void ColumnsBuilder::finish() {
  const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
  const auto by_name = [](const auto& a, const auto& b) { return a.name_id < b.name_id; };
  const auto erased =
      std::erase_if(out_.measures, [](const auto& measure) { return measure.values.empty(); }) +
      std::erase_if(out_.labels, [](const auto& label) { return label.value_ids.empty(); });
  moved_ = erased > 0 || !std::is_sorted(out_.measures.begin(), out_.measures.end(), by_id) ||
           !std::is_sorted(out_.labels.begin(), out_.labels.end(), by_name);
  for (EventColumns::Label& label : out_.labels) label.value_ids.resize(out_.size(), 0);
  for (EventColumns::Measure& measure : out_.measures) {
    if (measure.rows.size() == out_.size()) measure.rows.clear();
  }
  std::sort(out_.measures.begin(), out_.measures.end(), by_id);
  std::sort(out_.labels.begin(), out_.labels.end(), by_name);
}

}  // namespace kpi
