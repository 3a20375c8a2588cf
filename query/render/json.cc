#include <cmath>
#include <set>

#include "query/render/display.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

std::vector<std::string> quoted_unique_names(const Table& table) {
  std::set<std::string> seen;
  std::vector<std::string> names;
  for (const Column& column : table.columns) {
    std::string name = column.name;
    for (int n = 2; !seen.insert(name).second; ++n) name = column.name + '_' + std::to_string(n);
    names.emplace_back();
    append_json_string(names.back(), name);
  }
  return names;
}

void append_value(std::string& out, const Value& value, Type type, TimeForm form) {
  if (is_null(value)) {
    out += "null";
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    out += *truth ? "true" : "false";
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    append_json_string(out, *text);
  } else if (type == Type::kTimestamp && std::holds_alternative<std::int64_t>(value)) {
    const std::string time =
        value_text(value, type, form == TimeForm::kDefault ? TimeForm::kRfc3339 : form);
    form == TimeForm::kUnix ? void(out += time) : append_json_string(out, time);
  } else if (const auto* number = std::get_if<double>(&value); number && !std::isfinite(*number)) {
    append_json_string(out, to_text(value, type));
  } else {
    out += to_text(value, type);
  }
}

// Appends objects with the names of `table`.
auto object_appender(const Table& table, TimeForm form, const char* end) {
  return [names = quoted_unique_names(table), form, end](std::string& out, const Table& of,
                                                         const std::vector<Value>& row) {
    out += '{';
    for (std::size_t c = 0; c < names.size(); ++c) {
      if (c != 0) out += ',';
      out += names[c];
      out += ':';
      append_value(out, row[c], of.columns[c].type, form);
    }
    out += end;
  };
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (!point.valid) {
      out += "\\ufffd";
    } else if (point.value == '"' || point.value == '\\') {
      out += '\\';
      out += text[0];
    } else if (point.value == '\n') {
      out += "\\n";
    } else if (point.value < 0x20 || point.value == 0x7F) {
      out += "\\u00";
      out += kDigits[point.value >> 4];
      out += kDigits[point.value & 15];
    } else {
      out += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  out += '"';
}

RowWriter json_writer(const Table& table, const RenderOptions& options) {
  return {"[", ",\n ", "]\n", "]\n", object_appender(table, options.time, "}")};
}

RowWriter ndjson_writer(const Table& table, const RenderOptions& options) {
  // Each line is whole when its row is: a follower reads it before the next one comes.
  return {"", "", "", "", object_appender(table, options.time, "}\n")};
}

}  // namespace kpi::query
