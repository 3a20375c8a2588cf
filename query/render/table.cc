#include <algorithm>

#include "query/render/display.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

constexpr std::size_t kColumnWidthMin = 8;  // Text columns are not squeezed below this.

// What lines and corners a table is drawn with.
struct Border {
  std::string_view line, ellipsis;
  std::string_view left, middle, right;       // Between cells.
  std::string_view top_left, top, top_right;  // Empty: no line above and below.
  std::string_view head_left, cross, head_right;
  std::string_view bottom_left, bottom, bottom_right;
};
constexpr Border kUnicode = {"─",  "…",  "│ ",  " │ ", " │", "┌─",  "─┬─",
                             "─┐", "├─", "─┼─", "─┤",  "└─", "─┴─", "─┘"};
constexpr Border kAscii = {"-", "...", " ", " | ", "", "", "", "", "-", "-+-", "-", "", "", ""};

struct Grid {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> cells;
  std::vector<bool> right;  // Column is right-aligned.
  std::vector<std::size_t> widths;
};

Grid make_grid(const Table& table, const RenderOptions& options) {
  Grid grid;
  for (const Column& column : table.columns) {
    grid.header.push_back(printable(column.name));
    grid.right.push_back(is_numeric(column.type));
    grid.widths.push_back(options.header ? display_width(grid.header.back()) : 0);
  }
  for (const auto& row : table.rows) {
    auto& cells = grid.cells.emplace_back();
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      cells.push_back(is_null(row[c]) ? printable(options.null_text)
                                      : printable(to_text(row[c], table.columns[c].type)));
      grid.widths[c] = std::max(grid.widths[c], display_width(cells.back()));
    }
  }
  return grid;
}

// Takes from the widest text column, a column at a time: numbers and times are never cut.
void fit(Grid& grid, const Table& table, std::size_t width, const Border& border) {
  const auto total = [&] {
    std::size_t sum = display_width(border.left) + display_width(border.right);
    for (const std::size_t w : grid.widths) sum += w;
    return sum + (grid.widths.size() - 1) * display_width(border.middle);
  };
  for (std::size_t over = total() > width ? total() - width : 0; over > 0; --over) {
    std::size_t widest = grid.widths.size();
    for (std::size_t c = 0; c < grid.widths.size(); ++c) {
      if (table.columns[c].type != Type::kText || grid.widths[c] <= kColumnWidthMin) continue;
      if (widest == grid.widths.size() || grid.widths[c] > grid.widths[widest]) widest = c;
    }
    if (widest == grid.widths.size()) return;
    --grid.widths[widest];
  }
}

void append_rule(std::string& out, const Grid& grid, std::string_view left, std::string_view middle,
                 std::string_view right, std::string_view line) {
  if (left.empty()) return;
  out += left;
  for (std::size_t c = 0; c < grid.widths.size(); ++c) {
    if (c != 0) out += middle;
    for (std::size_t i = 0; i < grid.widths[c]; ++i) out += line;
  }
  out += right;
  out += '\n';
}

void append_row(std::string& out, const Grid& grid, const std::vector<std::string>& cells,
                const Border& border) {
  out += border.left;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (c != 0) out += border.middle;
    const std::string cell = truncate_to_width(cells[c], grid.widths[c], border.ellipsis);
    out += pad(cell, grid.widths[c], grid.right[c]);
  }
  out += border.right;
  while (!out.empty() && out.back() == ' ') out.pop_back();
  out += '\n';
}

}  // namespace

std::string render_table(const Table& table, const RenderOptions& options) {
  if (table.columns.empty()) return table.command_tag.empty() ? "" : table.command_tag + '\n';
  const Border& border = options.unicode ? kUnicode : kAscii;
  Grid grid = make_grid(table, options);
  if (options.width_columns > 0) {
    fit(grid, table, static_cast<std::size_t>(options.width_columns), border);
  }
  std::string out;
  append_rule(out, grid, border.top_left, border.top, border.top_right, border.line);
  if (options.header) {
    append_row(out, grid, grid.header, border);
    append_rule(out, grid, border.head_left, border.cross, border.head_right, border.line);
  }
  for (const auto& cells : grid.cells) append_row(out, grid, cells, border);
  append_rule(out, grid, border.bottom_left, border.bottom, border.bottom_right, border.line);
  if (options.header) {
    const std::size_t rows = table.rows.size();
    out += '(' + std::to_string(rows) + (rows == 1 ? " row)\n" : " rows)\n");
  }
  return out;
}

}  // namespace kpi::query
