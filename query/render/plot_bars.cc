#include <algorithm>
#include <cmath>

#include "query/render/display.h"
#include "query/render/plot_data.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

constexpr std::size_t kBarRowsMax = 50, kLabelColumnsMax = 40;
constexpr std::size_t kBarColumnsDefault = 80, kBarColumnsMin = 10;

std::string bar(double share, std::size_t columns, bool unicode) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double length = std::clamp(share, 0.0, 1.0) * static_cast<double>(columns);
  const auto eighths = static_cast<std::size_t>(std::lround(length * 8));
  if (!unicode) return std::string((eighths + 4) / 8, '#');
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
  return out + kEighths[eighths % 8];
}

struct Bars {
  std::vector<std::string> labels;
  std::size_t label_width = 0;
};

Bars bar_labels(const Table& table, std::size_t text_column, const RenderOptions& options) {
  Bars bars;
  for (std::size_t r = 0; r < std::min(table.rows.size(), kBarRowsMax); ++r) {
    const Value& value = table.rows[r][text_column];
    std::string text = is_null(value) ? "(null)" : printable(to_text(value, Type::kText));
    if (text.empty()) text = "(empty)";
    bars.labels.push_back(truncate_to_width(text, kLabelColumnsMax, options.unicode ? "…" : "..."));
    bars.label_width = std::max(bars.label_width, display_width(bars.labels.back()));
  }
  return bars;
}

// The numbers of a column and how they share the room left and right of nothing.
struct Scale {
  double least = 0, most = 0;  // 0 lies between them.
  std::vector<std::string> numbers;
  std::size_t number_width = 0;
};

Scale scale_of(const Table& table, std::size_t column, std::size_t rows,
               const RenderOptions& options) {
  Scale scale;
  for (std::size_t r = 0; r < rows; ++r) {
    const Value& value = table.rows[r][column];
    scale.least = std::min(scale.least, finite_number(value).value_or(0));
    scale.most = std::max(scale.most, finite_number(value).value_or(0));
    scale.numbers.push_back(cell_text(value, table.columns[column].type, options));
    scale.number_width = std::max(scale.number_width, display_width(scale.numbers.back()));
  }
  return scale;
}

// `left` columns for what is below 0; whole cells, as blocks grow to the right only.
std::string negative_bar(double share, std::size_t left, bool unicode) {
  const auto cells =
      std::min(left, static_cast<std::size_t>(std::lround(share * static_cast<double>(left))));
  std::string out(left - cells, ' ');
  for (std::size_t i = 0; i < cells; ++i) out += unicode ? "█" : "#";
  return out;
}

std::string bars_of(const Table& table, std::size_t column, const Bars& bars,
                    const RenderOptions& options) {
  const Scale scale = scale_of(table, column, bars.labels.size(), options);
  const std::size_t width = options.width_columns > 0
                                ? static_cast<std::size_t>(options.width_columns)
                                : kBarColumnsDefault;
  const std::size_t taken = bars.label_width + scale.number_width + 4;
  const std::size_t columns = width > taken + kBarColumnsMin ? width - taken : kBarColumnsMin;
  const double range = scale.most - scale.least;
  const auto left = range <= 0 ? 0
                               : static_cast<std::size_t>(std::ceil(-scale.least / range *
                                                                    static_cast<double>(columns)));
  std::string out = painted(printable(table.columns[column].name), kBold, options) + '\n';
  for (std::size_t r = 0; r < bars.labels.size(); ++r) {
    const double value = finite_number(table.rows[r][column]).value_or(0);
    out += pad(bars.labels[r], bars.label_width, false) + ' ';
    out += negative_bar(value < 0 ? value / scale.least : 0, left, options.unicode);
    out += options.unicode ? "│" : "|";
    out += bar(value > 0 ? value / scale.most : 0, columns - left, options.unicode);
    out += ' ' + scale.numbers[r] + '\n';
  }
  return out;
}

}  // namespace

Result<std::string> plot_bars(const Table& table, std::size_t text_column,
                              const RenderOptions& options) {
  if (table.rows.empty()) {
    return Error{ErrorCode::kInvalidArgument, "nothing to plot: the result has no rows"};
  }
  const Bars bars = bar_labels(table, text_column, options);
  std::string out;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (!is_numeric(table.columns[c].type)) continue;
    if (!out.empty()) out += '\n';
    out += bars_of(table, c, bars, options);
  }
  if (table.rows.size() > kBarRowsMax) {
    out += "(and " + std::to_string(table.rows.size() - kBarRowsMax) + " more rows)\n";
  }
  return out;
}

}  // namespace kpi::query
