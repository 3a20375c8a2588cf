#include <array>
#include <utility>

#include "query/render/writers.h"

namespace kpi::query {

bool is_numeric(Type type) { return type == Type::kInt8 || type == Type::kFloat8; }

std::optional<Format> parse_format(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Format>, 5> kFormats = {
      {{"table", Format::kTable},
       {"csv", Format::kCsv},
       {"tsv", Format::kTsv},
       {"json", Format::kJson},
       {"ndjson", Format::kNdjson}}};
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::string render(const Table& table, Format format, const RenderOptions& options) {
  switch (format) {
    case Format::kTable:
      return render_table(table, options);
    case Format::kCsv:
      return render_csv(table, options);
    case Format::kTsv:
      return render_tsv(table, options);
    case Format::kJson:
      return render_json(table);
    case Format::kNdjson:
      return render_ndjson(table);
  }
  return {};
}

}  // namespace kpi::query
