// The query language: text -> statements -> tables, over any Store. query/GRAMMAR.md has the
// grammar.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kpi/limits.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi::query {

enum class Type : std::uint8_t { kText, kInt8, kFloat8, kTimestamp, kBool };

// NULL, text, integer (kInt8, and kTimestamp as ms since the epoch), number, or truth value.
using Value = std::variant<std::monostate, std::string, std::int64_t, double, bool>;

struct Column {
  std::string name;
  Type type = Type::kText;
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Value>> rows;  // Each as long as `columns`.
  std::string command_tag;               // As PostgreSQL has it: "SELECT 720", "SHOW".
  std::vector<std::string> notes;        // For humans: a range that has aged out, a rounding.
};

// A value as text: shortest form that reads back, at most 4 decimals; timestamps as
// `2026-11-22 09:00:00+00`, with `.123` where there are milliseconds; bool as t or f.
// Requires a value that is not NULL.
std::string to_text(const Value& value, Type type);

struct Options {
  std::int64_t now_ms = 0;           // now() of the statement.
  std::size_t rows_max = 1'000'000;  // kLimitExceeded beyond.
  std::stop_token stop = {};
  std::size_t bytes_max = kResultBytesMax;  // Of the table in memory; kLimitExceeded beyond.
};

// One parsed statement. Immutable, cheap to copy, thread-safe.
class Statement {
 public:
  struct Node;  // query/text/ast.h
  explicit Statement(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  const Node& node() const { return *node_; }
  std::string text() const;  // Prints back to text that parses to an equal statement.

 private:
  std::shared_ptr<const Node> node_;
};

// All statements of `text`, separated by ';'. Empty statements are left out. On error, nothing:
// kInvalidArgument with the 1-based byte position, what was expected and what was found.
Result<std::vector<Statement>> parse(std::string_view text);

// The columns a statement will answer, without running it. Errors as run() for unknown names.
Result<std::vector<Column>> describe(const Statement& statement, const Store& store);

// Runs on one view of `store`. Errors carry position and hint where a place in the text is at
// fault. No exception, no effect on error.
Result<Table> run(const Statement& statement, const Store& store, const Options& options);

// An error as people read it: message, line and column, the line itself with a caret, hint.
// With position 0 just message and hint.
std::string explain_error(const Error& error, std::string_view text);

enum class Format : std::uint8_t { kTable, kCsv, kTsv, kJson, kNdjson };
std::optional<Format> parse_format(std::string_view name);
struct RenderOptions {
  bool header = true;
  std::string null_text = "";  // Table, CSV and TSV.
  int width_columns = 0;       // Table: fit into so many terminal columns; 0: as wide as needed.
  bool unicode = true;         // Table borders and plots; false: ASCII.
};
std::string render(const Table& table, Format format, const RenderOptions& options);

// The same text in pieces, for answers too large for one; gives back rows as it writes them.
class PieceRenderer {
 public:
  // Requires a format other than kTable.
  PieceRenderer(Table table, Format format, const RenderOptions& options);
  ~PieceRenderer();
  PieceRenderer(PieceRenderer&&) noexcept;
  PieceRenderer& operator=(PieceRenderer&&) noexcept;
  // Appends whole rows until `bytes_min` are appended. False: that was the end.
  bool next(std::string& out, std::size_t bytes_min);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A line chart of every numeric column over the first timestamp column, or bars over the first
// text column. kInvalidArgument: nothing to plot, and why.
Result<std::string> plot(const Table& table, const RenderOptions& options);

}  // namespace kpi::query
