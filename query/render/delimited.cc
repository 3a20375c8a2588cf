#include "query/render/writers.h"

namespace kpi::query {
namespace {

void append_csv_text(std::string& out, std::string_view text, std::string_view null_text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos && text != null_text) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_tsv_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        out += c;
    }
  }
}

template <class AppendText>
std::string render_delimited(const Table& table, const RenderOptions& options, char delimiter,
                             std::string_view line_end, AppendText append_text) {
  std::string out;
  const std::size_t columns = table.columns.size();
  for (std::size_t c = 0; options.header && c < columns; ++c) {
    if (c != 0) out += delimiter;
    append_text(out, table.columns[c].name);
  }
  if (options.header && columns != 0) out += line_end;
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < columns; ++c) {
      if (c != 0) out += delimiter;
      if (is_null(row[c])) {
        out += options.null_text;
      } else {
        append_text(out, to_text(row[c], table.columns[c].type));
      }
    }
    out += line_end;
  }
  return out;
}

}  // namespace

std::string render_csv(const Table& table, const RenderOptions& options) {
  return render_delimited(table, options, ',', "\r\n",
                          [&](std::string& out, std::string_view text) {
                            append_csv_text(out, text, options.null_text);
                          });
}

std::string render_tsv(const Table& table, const RenderOptions& options) {
  return render_delimited(table, options, '\t', "\n", append_tsv_text);
}

}  // namespace kpi::query
