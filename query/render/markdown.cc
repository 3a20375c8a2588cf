#include "query/render/display.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (c == '\n' || c == '\r') {
      out += "<br>";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      if (std::string_view("|\\`*[]").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

// Line ends become <br> before printable() would show them as \n.
std::string cell(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    safe += printable(text.substr(0, end));
    if (end < text.size()) safe += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return escaped(safe);
}

}  // namespace

RowWriter markdown_writer(const Table& table, const RenderOptions& options) {
  RowWriter writer;
  if (table.columns.empty()) {
    writer.append = [](std::string&, const Table&, const std::vector<Value>&) {};
    return writer;
  }
  std::string names = "|", rule = "|";
  for (const Column& column : table.columns) {
    // A table of Markdown's cannot be without its first line.
    names += ' ' + (options.header ? cell(column.name) : std::string()) + " |";
    rule += is_numeric(column.type) ? " ---: |" : " --- |";
  }
  writer.begin = names + '\n' + rule + '\n';
  writer.append = [null_text = options.null_text, form = options.time](
                      std::string& out, const Table& of, const std::vector<Value>& row) {
    out += '|';
    for (std::size_t c = 0; c < row.size(); ++c) {
      out += ' ';
      out += cell(is_null(row[c]) ? null_text : value_text(row[c], of.columns[c].type, form));
      out += " |";
    }
    out += '\n';
  };
  return writer;
}

}  // namespace kpi::query
