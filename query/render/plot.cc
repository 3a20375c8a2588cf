#include <algorithm>
#include <cmath>

#include "query/render/canvas.h"
#include "query/render/display.h"
#include "query/render/plot_data.h"
#include "query/render/time_axis.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

constexpr int kPlotRows = 16;
constexpr int kRowsPerTick = 5;
constexpr int kMarkEveryDots = 40;  // So often a line shows whose it is.
constexpr char kAsciiMarks[] = "*+ox#%@&$";

// `width` rounded up to 1, 2 or 5 times a power of ten.
double nice_step(double width) {
  const double power = std::pow(10.0, std::floor(std::log10(width)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (width <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

struct Axis {
  double low = 0, high = 1;
};

// From 0 where that costs less than half of the picture, else from just below the data.
Axis value_axis(double min, double max) {
  Axis axis{min, max};
  if (min >= 0 && min <= max / 2) axis.low = 0;
  if (axis.high <= axis.low) axis.high = axis.low + std::max(1.0, std::abs(axis.low) / 10);
  const double step = nice_step((axis.high - axis.low) / (kPlotRows / kRowsPerTick));
  axis.low = std::floor(axis.low / step) * step;
  axis.high = std::ceil(axis.high / step) * step;
  return axis;
}

struct Projection {
  const PlotData& data;
  Axis axis;
  const Canvas& canvas;
  int x(std::int64_t time) const {
    return place_on_axis({data.time_min, data.time_max}, time, canvas.width());
  }
  int y(double value) const {
    const double share = (value - axis.low) / (axis.high - axis.low);
    return static_cast<int>(std::lround((1 - share) * (canvas.height() - 1)));
  }
};

void draw(Canvas& canvas, const PlotData& data, const Axis& axis, bool unicode) {
  const Projection project{data, axis, canvas};
  for (std::size_t s = 0; s < data.series.size(); ++s) {
    const auto& points = data.series[s].points;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto& [time, value] = points[i];
      // A bucket that is left out had no data: no line leads over it.
      const bool joined = i != 0 && static_cast<double>(time - points[i - 1].first) <=
                                        1.5 * static_cast<double>(data.step);
      const int x = project.x(time), y = project.y(value);
      const int from_x = joined ? project.x(points[i - 1].first) : x;
      const int from_y = joined ? project.y(points[i - 1].second) : y;
      canvas.line(from_x, from_y, x, y, kAsciiMarks[s]);
    }
  }
  if (!unicode || data.series.size() == 1) return;
  for (std::size_t s = 0; s < data.series.size(); ++s) {  // Digits tell braille lines apart.
    int next = static_cast<int>(s) * kMarkEveryDots / static_cast<int>(data.series.size());
    for (const auto& [time, value] : data.series[s].points) {
      const int x = project.x(time);
      if (x < next && time != data.series[s].points.back().first) continue;
      canvas.mark(x, project.y(value), static_cast<char>('1' + s));
      next = x + kMarkEveryDots;
    }
  }
}

std::string legend(const PlotData& data, bool unicode) {
  std::string out;
  for (std::size_t s = 0; s < data.series.size(); ++s) {
    if (s != 0) out += "   ";
    if (data.series.size() > 1 || !unicode) {
      out += unicode ? static_cast<char>('1' + s) : kAsciiMarks[s];
      out += ' ';
    }
    out += data.series[s].name;
  }
  return out;
}

}  // namespace

std::string plot_lines(const PlotData& data, const RenderOptions& options) {
  const Axis axis = value_axis(data.value_min, data.value_max);
  std::vector<std::string> labels(kPlotRows);
  std::size_t label_width = 0;
  for (int row = 0; row < kPlotRows; row += kRowsPerTick) {
    const double share = 1 - static_cast<double>(row) / (kPlotRows - 1);
    labels[static_cast<std::size_t>(row)] =
        to_text(Value(axis.low + share * (axis.high - axis.low)), Type::kFloat8);
    label_width = std::max(label_width, labels[static_cast<std::size_t>(row)].size());
  }
  const int wanted = options.width_columns > 0 ? options.width_columns : kPlotColumnsDefault;
  const int columns = std::max(wanted - static_cast<int>(label_width) - 3, kPlotColumnsMin);
  Canvas canvas(columns, kPlotRows, options.unicode);
  const TimeSpan span{data.time_min, data.time_max};
  const AxisMarks marks = marks_on_axis(span, columns, options);
  for (const Milestone& mark : marks.shown) {
    canvas.rule(place_on_axis(span, mark.at_ms, canvas.width()));
  }
  draw(canvas, data, axis, options.unicode);
  std::string out = legend(data, options.unicode) + '\n';
  for (int row = 0; row < kPlotRows; ++row) {
    const std::string& label = labels[static_cast<std::size_t>(row)];
    const std::string_view wall =
        options.unicode ? (label.empty() ? " │" : " ┤") : (label.empty() ? " |" : " +");
    out += pad(label, label_width, true) + std::string(wall) + canvas.row(row) + '\n';
  }
  return out + time_axis(span, columns, label_width + 1, marks, options);
}

Result<std::string> plot(const Table& table, const RenderOptions& options) {
  const auto time = first_column(table, [](Type type) { return type == Type::kTimestamp; });
  if (const auto histogram = time ? histogram_column(table) : std::nullopt) {
    return plot_heatmap(table, *time, *histogram, options);
  }
  if (!first_column(table, is_numeric)) {
    return Error{ErrorCode::kInvalidArgument, "nothing to plot: the result has no numeric column"};
  }
  if (time) {
    Result<PlotData> data = plot_data(table, *time, kPlotSeriesMax);
    if (!data.ok()) return std::move(data).error();
    return plot_lines(data.value(), options);
  }
  const auto text = first_column(table, [](Type type) { return type == Type::kText; });
  if (text) return plot_bars(table, *text, options);
  return Error{ErrorCode::kInvalidArgument,
               "nothing to plot: the result has neither a time nor a text column",
               "select time_bucket('1 hour', time) or a dimension beside the numbers"};
}

}  // namespace kpi::query
