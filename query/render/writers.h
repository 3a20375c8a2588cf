// The writers behind render(), one a format, and what they share.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/query.h"
#include "kpi/render.h"

namespace kpi::query {

// How the rows of a format become text.
struct RowWriter {
  std::string begin, between, end, end_empty;  // Of all rows; end_empty: where there are none.
  std::function<void(std::string& out, const Table& table, const std::vector<Value>& row)> append;
};
// Of kTable: aligned columns, whose widths grow with what has come.
RowWriter row_writer(Format format, const Table& table, const RenderOptions& options);

std::string render_table(const Table& table, const RenderOptions& options);
// RFC 4180: lines end in CR LF; fields with a comma, quote or line end are quoted. NULL is the
// unquoted null_text; text that equals it is quoted.
RowWriter csv_writer(const Table& table, const RenderOptions& options);
// Lines end in LF; in text, tab, line ends and backslash are written \t \n \r \\.
RowWriter tsv_writer(const Table& table, const RenderOptions& options);
// Objects by column name; a name that occurred before gets _2, _3, ... Numbers are numbers, but
// NaN and infinities strings, as PostgreSQL has it. Timestamps are ISO 8601 with Z.
RowWriter json_writer(const Table& table, const RenderOptions& options);
RowWriter ndjson_writer(const Table& table, const RenderOptions& options);
// GitHub's tables: pipes, backslashes and what begins markup are escaped, line ends are <br>.
RowWriter markdown_writer(const Table& table, const RenderOptions& options);
RowWriter aligned_writer(const Table& table, const RenderOptions& options);
// A block of lines for each row: name and value.
std::string render_expanded(const Table& table, const RenderOptions& options);

// to_text() with timestamps in the form that was asked for.
std::string value_text(const Value& value, Type type, TimeForm form);
// A value for a cell on a terminal: printable, NULL as null_text.
std::string cell_text(const Value& value, Type type, const RenderOptions& options);
// `text` in an escape sequence of SGR `code` where options.color.
std::string painted(std::string text, const char* code, const RenderOptions& options);
inline constexpr const char* kBold = "1";
inline constexpr const char* kDim = "2";

bool is_numeric(Type type);
inline bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }
void append_json_string(std::string& out, std::string_view text);

}  // namespace kpi::query
