#include <algorithm>

#include "query/render/display.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

constexpr std::size_t kWidthMax = 60;  // A longer value moves its own line only.

// Widths to begin with: what most values of a type take.
std::size_t usual_width(Type type) {
  switch (type) {
    case Type::kTimestamp:
      return 22;
    case Type::kText:
      return 12;
    default:
      return 6;
  }
}

void append_cell(std::string& out, const std::string& text, std::size_t& width, bool right) {
  width = std::max(width, std::min(display_width(text), kWidthMax));
  out += pad(text, width, right);
}

void end_line(std::string& out) {
  while (!out.empty() && out.back() == ' ') out.pop_back();
  out += '\n';
}

}  // namespace

RowWriter aligned_writer(const Table& table, const RenderOptions& options) {
  RowWriter writer;
  std::vector<std::size_t> widths;
  std::string header;
  for (const Column& column : table.columns) {
    if (!widths.empty()) header += "  ";
    widths.push_back(usual_width(column.type));
    std::string name;
    append_cell(name, printable(column.name), widths.back(), is_numeric(column.type));
    header += painted(name, kBold, options);
  }
  end_line(header);
  if (options.header && !table.columns.empty()) writer.begin = header;
  writer.append = [widths, options](std::string& out, const Table& of,
                                    const std::vector<Value>& row) mutable {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c != 0) out += "  ";
      const Type type = of.columns[c].type;
      append_cell(out, cell_text(row[c], type, options), widths[c], is_numeric(type));
    }
    end_line(out);
  };
  return writer;
}

}  // namespace kpi::query
