#include <array>
#include <utility>

#include "query/render/writers.h"

namespace kpi::query {

bool is_numeric(Type type) { return type == Type::kInt8 || type == Type::kFloat8; }

std::optional<Format> parse_format(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Format>, 6> kFormats = {
      {{"table", Format::kTable},
       {"csv", Format::kCsv},
       {"tsv", Format::kTsv},
       {"json", Format::kJson},
       {"ndjson", Format::kNdjson},
       {"markdown", Format::kMarkdown}}};
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
  }
  return std::nullopt;
}

RowWriter row_writer(Format format, const Table& table, const RenderOptions& options) {
  switch (format) {
    case Format::kTable:
      return aligned_writer(table, options);
    case Format::kCsv:
      return csv_writer(table, options);
    case Format::kTsv:
      return tsv_writer(table, options);
    case Format::kJson:
      return json_writer(table, options);
    case Format::kNdjson:
      return ndjson_writer(table, options);
    case Format::kMarkdown:
      return markdown_writer(table, options);
  }
  return {};
}

std::string render(const Table& table, Format format, const RenderOptions& options) {
  if (format == Format::kTable) {
    return options.expanded ? render_expanded(table, options) : render_table(table, options);
  }
  const RowWriter writer = row_writer(format, table, options);
  std::string out = writer.begin;
  for (const auto& row : table.rows) {
    if (&row != table.rows.data()) out += writer.between;
    writer.append(out, table, row);
  }
  return out + (table.rows.empty() ? writer.end_empty : writer.end);
}

}  // namespace kpi::query
