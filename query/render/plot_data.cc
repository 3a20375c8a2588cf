#include "query/render/plot_data.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "query/render/display.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

std::string text_key(const Table& table, const std::vector<Value>& row) {
  std::string key;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].type != Type::kText) continue;
    if (!key.empty()) key += ' ';
    const std::string text = is_null(row[c]) ? "(null)" : printable(to_text(row[c], Type::kText));
    key += text.empty() ? "(empty)" : text;
  }
  return key;
}

void measure_extent(PlotData& data) {
  bool first = true;
  for (PlotSeries& series : data.series) {
    std::sort(series.points.begin(), series.points.end());
    for (std::size_t i = 0; i < series.points.size(); ++i) {
      const auto& [time, value] = series.points[i];
      data.time_min = first ? time : std::min(data.time_min, time);
      data.time_max = first ? time : std::max(data.time_max, time);
      data.value_min = first ? value : std::min(data.value_min, value);
      data.value_max = first ? value : std::max(data.value_max, value);
      first = false;
      const std::int64_t distance = i == 0 ? 0 : time - series.points[i - 1].first;
      if (distance > 0 && (data.step == 0 || distance < data.step)) data.step = distance;
    }
  }
}

}  // namespace

std::optional<double> finite_number(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  const auto* number = std::get_if<double>(&value);
  return number != nullptr && std::abs(*number) <= kPlotValueMax ? std::optional(*number)
                                                                 : std::nullopt;
}

std::optional<std::int64_t> plot_time(const Value& value) {
  const auto* time_ms = std::get_if<std::int64_t>(&value);
  if (time_ms == nullptr) return std::nullopt;
  const bool far = *time_ms > kPlotTimeMsMax || *time_ms < -kPlotTimeMsMax;
  return far ? std::nullopt : std::optional(*time_ms);
}

std::optional<std::size_t> first_column(const Table& table, bool (*accepts)(Type)) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (accepts(table.columns[c].type)) return c;
  }
  return std::nullopt;
}

Result<PlotData> plot_data(const Table& table, std::size_t time_column, std::size_t series_max) {
  const auto numeric = std::count_if(table.columns.begin(), table.columns.end(),
                                     [](const Column& c) { return is_numeric(c.type); });
  PlotData data;
  std::map<std::string, std::size_t> index;
  for (const auto& row : table.rows) {
    const std::optional<std::int64_t> time = plot_time(row[time_column]);
    if (!time) continue;
    const std::string key = text_key(table, row);
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      if (!is_numeric(table.columns[c].type)) continue;
      const std::optional<double> value = finite_number(row[c]);
      if (!value) continue;
      std::string name = key;
      if (key.empty() || numeric > 1) {
        name += (key.empty() ? "" : " ") + printable(table.columns[c].name);
      }
      const auto [place, added] = index.emplace(name, data.series.size());
      if (added) data.series.push_back({name, {}});
      data.series[place->second].points.emplace_back(*time, *value);
    }
  }
  if (data.series.empty()) {
    return Error{ErrorCode::kInvalidArgument, "nothing to plot: no row has a time and a number"};
  }
  if (data.series.size() > series_max) {
    return Error{ErrorCode::kInvalidArgument,
                 "too many lines to plot: " + std::to_string(data.series.size()) + ", at most " +
                     std::to_string(series_max),
                 "select fewer columns, or fewer groups with WHERE"};
  }
  measure_extent(data);
  return data;
}

}  // namespace kpi::query
