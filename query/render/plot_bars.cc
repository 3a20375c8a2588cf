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
    const std::string text = is_null(value) ? "(null)" : printable(to_text(value, Type::kText));
    bars.labels.push_back(truncate_to_width(text, kLabelColumnsMax, options.unicode ? "…" : "..."));
    bars.label_width = std::max(bars.label_width, display_width(bars.labels.back()));
  }
  return bars;
}

std::string bars_of(const Table& table, std::size_t column, const Bars& bars,
                    const RenderOptions& options) {
  double largest = 0;
  std::size_t number_width = 0;
  std::vector<std::string> numbers;
  for (std::size_t r = 0; r < bars.labels.size(); ++r) {
    const Value& value = table.rows[r][column];
    largest = std::max(largest, finite_number(value).value_or(0));
    numbers.push_back(is_null(value) ? printable(options.null_text)
                                     : to_text(value, table.columns[column].type));
    number_width = std::max(number_width, display_width(numbers.back()));
  }
  const std::size_t width = options.width_columns > 0
                                ? static_cast<std::size_t>(options.width_columns)
                                : kBarColumnsDefault;
  const std::size_t taken = bars.label_width + number_width + 4;
  const std::size_t columns = width > taken + kBarColumnsMin ? width - taken : kBarColumnsMin;
  std::string out = printable(table.columns[column].name) + '\n';
  for (std::size_t r = 0; r < bars.labels.size(); ++r) {
    const double value = finite_number(table.rows[r][column]).value_or(0);
    out += pad(bars.labels[r], bars.label_width, false) + (options.unicode ? " │" : " |");
    out += bar(largest > 0 ? value / largest : 0, columns, options.unicode);
    out += ' ' + numbers[r] + '\n';
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
