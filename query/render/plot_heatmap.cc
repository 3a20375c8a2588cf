#include <algorithm>
#include <cmath>
#include <map>

#include "query/render/display.h"
#include "query/render/histogram_text.h"
#include "query/render/plot_data.h"
#include "query/render/time_axis.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

constexpr int kHeatRows = 14;
constexpr std::size_t kHeatMapsMax = 9;
constexpr int kShades = 4;
constexpr const char* kUnicodeShades[] = {" ", "░", "▒", "▓", "█"};
constexpr const char* kAsciiShades[] = {" ", ".", "-", "+", "#"};

struct Bucket {
  std::int64_t time_ms = 0;
  std::vector<HistogramBin> bins;
};

// What one map is drawn from: the buckets of one combination of the other text columns.
struct HeatMap {
  std::string name;
  std::vector<Bucket> buckets;  // Ascending by time, at least one; none without bins.
  TimeSpan span;                // To the end of the last bucket.
  std::int64_t step_ms = 0;
  double low = 0, high = 0;  // Of all bins, inclusive.
};

void measure(HeatMap& map) {
  std::sort(map.buckets.begin(), map.buckets.end(),
            [](const Bucket& a, const Bucket& b) { return a.time_ms < b.time_ms; });
  map.low = map.buckets.front().bins.front().lower;
  for (std::size_t i = 0; i < map.buckets.size(); ++i) {
    for (const HistogramBin& bin : map.buckets[i].bins) {
      map.low = std::min(map.low, bin.lower);
      map.high = std::max(map.high, bin.upper);
    }
    if (i == 0) continue;
    const std::int64_t distance = map.buckets[i].time_ms - map.buckets[i - 1].time_ms;
    if (distance > 0 && (map.step_ms == 0 || distance < map.step_ms)) map.step_ms = distance;
  }
  map.span = {map.buckets.front().time_ms, map.buckets.back().time_ms + map.step_ms};
}

// Whole numbers at which rows begin, ascending, with the end of the last one behind them: equal
// steps of log(value + 1), or one a value where there are few.
std::vector<double> row_edges(double low, double high) {
  std::vector<double> edges;
  const double first = std::floor(low), end = std::floor(high) + 1;
  if (end - first <= kHeatRows) {
    for (double edge = first; edge <= end; ++edge) edges.push_back(edge);
    return edges;
  }
  const double from = std::log1p(first), to = std::log1p(end);
  for (int row = 0; row <= kHeatRows; ++row) {
    const double edge =
        row == kHeatRows ? end : std::round(std::expm1(from + (to - from) * row / kHeatRows));
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  }
  return edges;
}

class Heat {
 public:
  Heat(const HeatMap& map, int columns) : edges_(row_edges(map.low, map.high)), columns_(columns) {
    sums_.resize((edges_.size() - 1) * static_cast<std::size_t>(columns));
    std::vector<double> buckets(static_cast<std::size_t>(columns));
    for (std::size_t b = 0; b < map.buckets.size(); ++b) add(map, b, buckets);
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      // Buckets that share a column are averaged: columns of two and of three look alike.
      sums_[i] /= std::max(buckets[i % buckets.size()], 1.0);
      most_ = std::max(most_, sums_[i]);
    }
  }
  std::size_t rows() const { return edges_.size() - 1; }
  double most() const { return most_; }
  std::string label(std::size_t row, bool unicode) const {
    const double last = edges_[row + 1] - 1;
    const std::string lower = to_text(edges_[row], Type::kFloat8);
    if (last <= edges_[row]) return lower;
    return lower + (unicode ? "–" : "-") + to_text(last, Type::kFloat8);
  }
  int shade(std::size_t row, int column) const {
    const double count =
        sums_[row * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(column)];
    if (count <= 0) return 0;
    const double share = std::log1p(count) / std::log1p(most_);
    return std::clamp(static_cast<int>(std::ceil(share * kShades - 1e-9)), 1, kShades);
  }

 private:
  void add(const HeatMap& map, std::size_t index, std::vector<double>& buckets) {
    const Bucket& bucket = map.buckets[index];
    const auto column = [&](std::int64_t time_ms) {
      const auto span = static_cast<double>(map.span.end_ms - map.span.begin_ms);
      const auto offset = static_cast<double>(time_ms - map.span.begin_ms);
      return span <= 0 ? 0 : std::min(static_cast<int>(offset / span * columns_), columns_ - 1);
    };
    // A bucket reaches to the next one (months differ), but never over a gap.
    std::int64_t end = bucket.time_ms + map.step_ms;
    if (index + 1 < map.buckets.size()) {
      const std::int64_t next = map.buckets[index + 1].time_ms;
      if (2 * (next - bucket.time_ms) <= 3 * map.step_ms) end = next;
    }
    const int from = column(bucket.time_ms);
    const int to = end >= map.span.end_ms ? columns_ : std::max(column(end), from + 1);
    for (int c = from; c < to; ++c) {
      buckets[static_cast<std::size_t>(c)] += 1;
      for (const HistogramBin& bin : bucket.bins) at(bin, c) += bin.count;
    }
  }
  double& at(const HistogramBin& bin, int column) {
    const double middle = bin.lower + (bin.upper - bin.lower) / 2;
    const auto above = std::upper_bound(edges_.begin() + 1, edges_.end() - 1, middle);
    const auto row = static_cast<std::size_t>(above - edges_.begin() - 1);
    return sums_[row * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(column)];
  }

  std::vector<double> edges_;
  int columns_;
  std::vector<double> sums_;  // [row][column]
  double most_ = 0;
};

std::string shade_legend(const Heat& heat, const char* const* shades) {
  std::string out = "reports:";
  double before = 0;
  for (int shade = 1; shade <= kShades; ++shade) {
    const double upper = std::expm1(std::log1p(heat.most()) * shade / kShades);
    const double shown = shade == kShades ? heat.most() : std::floor(upper);
    if (shown <= before) continue;  // Few counts need few shades.
    out += std::string("  ") + shades[shade] + " up to " + to_text(shown, Type::kFloat8);
    before = shown;
  }
  return out;
}

std::string draw(const HeatMap& map, const RenderOptions& options) {
  const char* const* const shades = options.unicode ? kUnicodeShades : kAsciiShades;
  const int wanted = options.width_columns > 0 ? options.width_columns : kPlotColumnsDefault;
  std::size_t label_width = 0;
  const std::vector<double> edges = row_edges(map.low, map.high);
  for (std::size_t row = 0; row + 1 < edges.size(); ++row) {
    label_width = std::max(label_width, 2 * to_text(edges[row + 1], Type::kFloat8).size() + 1);
  }
  const int columns = std::max(wanted - static_cast<int>(label_width) - 3, kPlotColumnsMin);
  const Heat heat(map, columns);
  const AxisMarks marks = marks_on_axis(map.span, columns, options);
  std::string out = map.name + '\n';
  for (std::size_t row = heat.rows(); row-- > 0;) {
    out += pad(heat.label(row, options.unicode), label_width, true);
    out += options.unicode ? " │" : " |";
    for (int column = 0; column < columns; ++column) out += shades[heat.shade(row, column)];
    while (out.back() == ' ') out.pop_back();
    out += '\n';
  }
  out += time_axis(map.span, columns, label_width + 1, marks, options);
  return out + std::string(label_width + 2, ' ') + shade_legend(heat, shades) + '\n';
}

std::string map_name(const Table& table, const std::vector<Value>& row, std::size_t histogram) {
  std::string name;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (c == histogram || table.columns[c].type != Type::kText) continue;
    name += (is_null(row[c]) ? "(null)" : printable(to_text(row[c], Type::kText))) + ' ';
  }
  return name + printable(table.columns[histogram].name);
}

}  // namespace

std::optional<std::size_t> histogram_column(const Table& table) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].type != Type::kText) continue;
    const auto row = std::find_if(table.rows.begin(), table.rows.end(),
                                  [&](const auto& r) { return !is_null(r[c]); });
    if (row != table.rows.end() && parse_histogram(to_text((*row)[c], Type::kText))) return c;
  }
  return std::nullopt;
}

Result<std::string> plot_heatmap(const Table& table, std::size_t time_column, std::size_t histogram,
                                 const RenderOptions& options) {
  std::map<std::string, HeatMap> maps;
  for (const std::vector<Value>& row : table.rows) {
    const std::optional<std::int64_t> time = plot_time(row[time_column]);
    if (!time || is_null(row[histogram])) continue;
    auto bins = parse_histogram(to_text(row[histogram], Type::kText));
    if (!bins || bins->empty()) continue;
    const std::string name = map_name(table, row, histogram);
    HeatMap& map = maps[name];
    map.name = name;
    map.buckets.push_back({*time, std::move(*bins)});
  }
  if (maps.empty()) {
    return Error{ErrorCode::kInvalidArgument, "nothing to plot: no row has a time and a histogram"};
  }
  if (maps.size() > kHeatMapsMax) {
    return Error{ErrorCode::kInvalidArgument,
                 "too many heat-maps to plot: " + std::to_string(maps.size()) + ", at most " +
                     std::to_string(kHeatMapsMax),
                 "select fewer groups with WHERE"};
  }
  std::string out;
  for (auto& [name, map] : maps) {
    measure(map);
    if (!out.empty()) out += '\n';
    out += draw(map, options);
  }
  return out;
}

}  // namespace kpi::query
