// What a table gives to plot: lines over time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kpi/query.h"
#include "kpi/render.h"

namespace kpi::query {

inline constexpr std::size_t kPlotSeriesMax = 9;  // More cannot be told apart.
inline constexpr int kPlotColumnsDefault = 80, kPlotColumnsMin = 20;
inline constexpr double kPlotValueMax = 1e300;  // Beyond, differences would overflow.
// Years -9999 to 9999; beyond, differences of times could overflow in days to come.
inline constexpr std::int64_t kPlotTimeMsMax = 253'402'300'800'000;

struct PlotSeries {
  std::string name;
  std::vector<std::pair<std::int64_t, double>> points;  // (time, value), ascending by time.
};
struct PlotData {
  std::vector<PlotSeries> series;  // Each with at least one point.
  std::int64_t time_min = 0, time_max = 0;
  std::int64_t step = 0;  // The smallest distance of two points; 0: there is none.
  double value_min = 0, value_max = 0;
};

// Series are the numeric columns over the first timestamp column, apart for each combination of
// text values, `series_max` at most. NULL and what is beyond kPlotValueMax has no point.
// kInvalidArgument: nothing to plot.
Result<PlotData> plot_data(const Table& table, std::size_t time_column, std::size_t series_max);
// The time of a row, if it has one that can be plotted.
std::optional<std::int64_t> plot_time(const Value& value);

// A number of the table, if the value is one and not beyond kPlotValueMax.
std::optional<double> finite_number(const Value& value);
std::optional<std::size_t> first_column(const Table& table, bool (*accepts)(Type));

std::string plot_lines(const PlotData& data, const RenderOptions& options);
// A column of text whose first value that is not NULL is a histogram().
std::optional<std::size_t> histogram_column(const Table& table);
Result<std::string> plot_heatmap(const Table& table, std::size_t time_column,
                                 std::size_t histogram_column, const RenderOptions& options);
Result<std::string> plot_bars(const Table& table, std::size_t text_column,
                              const RenderOptions& options);

}  // namespace kpi::query
