#include <algorithm>

#include "query/render/display.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

constexpr std::size_t kColumnWidthMin = 8;  // Text columns are not squeezed below this.
constexpr std::size_t kNameWidthMin = 4;    // What is left of a long name over short values.

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
  // Of each column, in terminal columns; `least` is what a narrow terminal may squeeze it to.
  std::vector<std::size_t> widths, least;
};

Grid make_grid(const Table& table, const RenderOptions& options) {
  Grid grid;
  const std::size_t columns = table.columns.size();
  grid.least.resize(columns);
  for (const auto& row : table.rows) {
    auto& cells = grid.cells.emplace_back();
    for (std::size_t c = 0; c < columns; ++c) {
      cells.push_back(cell_text(row[c], table.columns[c].type, options));
      grid.least[c] = std::max(grid.least[c], display_width(cells.back()));
    }
  }
  for (std::size_t c = 0; c < columns; ++c) {
    const Column& column = table.columns[c];
    grid.header.push_back(printable(column.name));
    grid.right.push_back(is_numeric(column.type));
    const std::size_t name_width = options.header ? display_width(grid.header[c]) : 0;
    grid.widths.push_back(std::max(grid.least[c], name_width));
    // Half a number is a wrong number: of numbers and times only the name may be cut.
    if (column.type == Type::kText) grid.least[c] = kColumnWidthMin;
    grid.least[c] = std::min(std::max(grid.least[c], kNameWidthMin), grid.widths[c]);
  }
  return grid;
}

// Takes from the widest column that may give, a column at a time.
void fit(Grid& grid, std::size_t width, const Border& border) {
  for (std::size_t c = 0; c < grid.widths.size(); ++c) {
    grid.widths[c] = std::max(grid.least[c], std::min(grid.widths[c], width));
  }
  std::size_t total = display_width(border.left) + display_width(border.right) +
                      (grid.widths.size() - 1) * display_width(border.middle);
  for (const std::size_t w : grid.widths) total += w;
  for (; total > width; --total) {
    std::size_t widest = grid.widths.size();
    for (std::size_t c = 0; c < grid.widths.size(); ++c) {
      if (grid.widths[c] <= grid.least[c]) continue;
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

// paint(c): the SGR code of a cell, or nullptr.
template <class Paint>
void append_row(std::string& out, const Grid& grid, const std::vector<std::string>& cells,
                const Border& border, const RenderOptions& options, Paint paint) {
  out += border.left;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (c != 0) out += border.middle;
    std::string cell = pad(truncate_to_width(cells[c], grid.widths[c], border.ellipsis),
                           grid.widths[c], grid.right[c]);
    const char* const code = paint(c);
    out += code != nullptr ? painted(std::move(cell), code, options) : cell;
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
    fit(grid, static_cast<std::size_t>(options.width_columns), border);
  }
  std::string out;
  append_rule(out, grid, border.top_left, border.top, border.top_right, border.line);
  if (options.header) {
    append_row(out, grid, grid.header, border, options, [](std::size_t) { return kBold; });
    append_rule(out, grid, border.head_left, border.cross, border.head_right, border.line);
  }
  for (std::size_t r = 0; r < grid.cells.size(); ++r) {
    append_row(out, grid, grid.cells[r], border, options,
               [&](std::size_t c) { return is_null(table.rows[r][c]) ? kDim : nullptr; });
  }
  append_rule(out, grid, border.bottom_left, border.bottom, border.bottom_right, border.line);
  if (options.header) {
    const std::size_t rows = table.rows.size();
    out += '(' + std::to_string(rows) + (rows == 1 ? " row)\n" : " rows)\n");
  }
  return out;
}

}  // namespace kpi::query
