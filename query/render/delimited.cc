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

// AppendText: void(std::string& out, std::string_view text), without references to what may go.
template <class AppendText>
RowWriter delimited(const Table& table, const RenderOptions& options, char delimiter,
                    const std::string& line_end, AppendText append_text) {
  RowWriter writer;
  const std::size_t columns = table.columns.size();
  for (std::size_t c = 0; options.header && c < columns; ++c) {
    if (c != 0) writer.begin += delimiter;
    append_text(writer.begin, table.columns[c].name);
  }
  if (options.header && columns != 0) writer.begin += line_end;
  writer.append = [=, null_text = options.null_text, form = options.time](
                      std::string& out, const Table& of, const std::vector<Value>& row) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c != 0) out += delimiter;
      if (is_null(row[c])) {
        out += null_text;
      } else {
        append_text(out, value_text(row[c], of.columns[c].type, form));
      }
    }
    out += line_end;
  };
  return writer;
}

}  // namespace

RowWriter csv_writer(const Table& table, const RenderOptions& options) {
  return delimited(table, options, ',', "\r\n",
                   [null_text = options.null_text](std::string& out, std::string_view text) {
                     append_csv_text(out, text, null_text);
                   });
}

RowWriter tsv_writer(const Table& table, const RenderOptions& options) {
  return delimited(table, options, '\t', "\n", append_tsv_text);
}

}  // namespace kpi::query
