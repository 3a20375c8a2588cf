#include <algorithm>
#include <cmath>

#include "query/render/plot_data.h"
#include "query/render/time_axis.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

constexpr std::size_t kSparklinesMax = 10'000;
constexpr int kSparkColumnsMin = 8, kSparkColumnsMax = 60;
constexpr int kWidthShare = 3;  // A third of the terminal is the line's.
constexpr const char* kUnicodeSteps[] = {"▁", "▂", "▃", "▅", "▇"};
constexpr const char* kAsciiSteps[] = {"_", ".", "-", "+", "#"};
constexpr int kSteps = 5;

struct Extent {
  double least = 0, most = 0;
};

Extent extent_of(const PlotSeries& series) {
  Extent extent{series.points.front().second, series.points.front().second};
  for (const auto& [time, value] : series.points) {
    extent.least = std::min(extent.least, value);
    extent.most = std::max(extent.most, value);
  }
  return extent;
}

const char* step_of(double value, const Extent& extent, bool unicode) {
  const double range = extent.most - extent.least;
  const double share = range > 0 ? (value - extent.least) / range : 0.5;
  const int step = std::clamp(static_cast<int>(share * kSteps), 0, kSteps - 1);
  return unicode ? kUnicodeSteps[step] : kAsciiSteps[step];
}

// Points that share a column are averaged; a column without any is blank.
std::string course(const PlotData& data, const PlotSeries& series, int columns, bool unicode) {
  const TimeSpan span{data.time_min, data.time_max};
  std::vector<double> sums(static_cast<std::size_t>(columns)), counts(sums.size());
  for (const auto& [time, value] : series.points) {
    const auto column = static_cast<std::size_t>(place_on_axis(span, time, columns));
    counts[column] += 1;
    sums[column] += (value - sums[column]) / counts[column];  // A mean that cannot overflow.
  }
  // The scale is that of what is drawn: one outlier among many does not flatten the rest.
  PlotSeries drawn;
  for (std::size_t column = 0; column < sums.size(); ++column) {
    if (counts[column] > 0) drawn.points.emplace_back(0, sums[column]);
  }
  const Extent extent = extent_of(drawn);
  std::string out;
  for (std::size_t column = 0; column < sums.size(); ++column) {
    out += counts[column] > 0 ? step_of(sums[column], extent, unicode) : " ";
  }
  return out;
}

int spark_columns(const PlotData& data, const RenderOptions& options) {
  const int wanted = options.width_columns > 0 ? options.width_columns : kPlotColumnsDefault;
  const int most = std::clamp(wanted / kWidthShare, kSparkColumnsMin, kSparkColumnsMax);
  if (data.step == 0) return 1;
  const std::int64_t steps = (data.time_max - data.time_min) / data.step + 1;
  return static_cast<int>(std::min<std::int64_t>(steps, most));
}

}  // namespace

Result<std::string> sparklines(const Table& table, const RenderOptions& options) {
  const auto time = first_column(table, [](Type type) { return type == Type::kTimestamp; });
  if (!time || !first_column(table, is_numeric)) {
    return Error{ErrorCode::kInvalidArgument,
                 "no sparklines: the result needs a time and a numeric column",
                 "select time_bucket('1 hour', time) beside the numbers"};
  }
  const Result<PlotData> data = plot_data(table, *time, kSparklinesMax);
  if (!data.ok()) return data.error();
  const int columns = spark_columns(data.value(), options);
  // The course is no text that may be cut: its column has the type of what never is.
  Table lines{{{"series", Type::kText},
               {"course", Type::kTimestamp},
               {"last", Type::kFloat8},
               {"min", Type::kFloat8},
               {"max", Type::kFloat8}},
              {},
              "",
              {}};
  for (const PlotSeries& series : data.value().series) {
    const Extent extent = extent_of(series);
    lines.rows.push_back({series.name, course(data.value(), series, columns, options.unicode),
                          series.points.back().second, extent.least, extent.most});
  }
  RenderOptions as_table = options;
  as_table.expanded = false;
  return render_table(lines, as_table);
}

}  // namespace kpi::query
