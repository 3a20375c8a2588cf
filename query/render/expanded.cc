#include <algorithm>

#include "query/render/display.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

std::string block_head(std::size_t number, std::size_t name_width, bool unicode) {
  const std::string line = unicode ? "─" : "-";
  std::string head = line + "[ row " + std::to_string(number) + " ]" + line;
  for (std::size_t width = display_width(head); width < name_width + 2; ++width) head += line;
  return head;
}

}  // namespace

std::string render_expanded(const Table& table, const RenderOptions& options) {
  if (table.columns.empty()) return table.command_tag.empty() ? "" : table.command_tag + '\n';
  std::vector<std::string> names;
  std::size_t width = 0;
  for (const Column& column : table.columns) {
    names.push_back(printable(column.name));
    width = std::max(width, display_width(names.back()));
  }
  std::string out;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    out += painted(block_head(r + 1, width, options.unicode), kDim, options) + '\n';
    for (std::size_t c = 0; c < names.size(); ++c) {
      const Value& value = table.rows[r][c];
      std::string text = cell_text(value, table.columns[c].type, options);
      if (is_null(value)) text = painted(std::move(text), kDim, options);
      out += painted(pad(names[c], width, false), kBold, options);
      out += (options.unicode ? " │ " : " | ") + text;
      while (out.back() == ' ') out.pop_back();
      out += '\n';
    }
  }
  if (options.header) {
    const std::size_t rows = table.rows.size();
    out += '(' + std::to_string(rows) + (rows == 1 ? " row)\n" : " rows)\n");
  }
  return out;
}

}  // namespace kpi::query
