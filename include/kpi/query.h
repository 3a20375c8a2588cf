// The query language: text -> statements -> tables, over any Store. query/GRAMMAR.md has the
// grammar.
#pragma once
#include <cstdint>
#include <functional>
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

// A value as text: shortest form that reads back, at most 4 decimals, 2 digits of what is less than
// 0.001 or lacks less than that to 1; timestamps as
// `2026-11-22 09:00:00+00`, with `.123` where there are milliseconds; bool as t or f.
// Requires a value that is not NULL.
std::string to_text(const Value& value, Type type);

// A value of a label that senders call by another name than the one it is stored under.
struct ValueAlias {
  std::string label, value, stored;
};

struct Options {
  std::int64_t now_ms = 0;           // now() of the statement.
  std::size_t rows_max = 1'000'000;  // kLimitExceeded beyond.
  std::stop_token stop = {};
  std::size_t bytes_max = kResultBytesMax;  // Of the table in memory; kLimitExceeded beyond.
  bool may_change = true;                   // Else CREATE and DROP MILESTONE are kPermissionDenied.
  // Groups of fewer reports are hidden, NULL in place of their aggregates, and what shows single
  // events is kPermissionDenied (query/GRAMMAR.md says what that guards against). At most 1: none.
  std::uint64_t min_group_size = 0;
  // A condition that names a value of a label names all values that share what is stored: what came
  // in before there was an alias is found as well. Each label and value at most once. Null: none.
  std::shared_ptr<const std::vector<ValueAlias>> aliases = {};
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

// What $1, $2, ... of a statement are expected to be, by the place where they stand: compared with
// time a timestamp, with a measure an integer, with rp a text. Empty: it has none.
// kInvalidArgument: one number is left out, or one stands in places of two types.
Result<std::vector<Type>> parameter_types(const Statement& statement, const Store& store);
// The statement with its parameters written out: values[0] for $1. A text is taken as a string
// literal would be at its place. kInvalidArgument: not as many values as parameters.
Result<Statement> bind(const Statement& statement, const std::vector<Value>& values);

// Runs on one view of `store`. Errors carry position and hint where a place in the text is at
// fault. No exception, no effect on error. A statement with parameters, and one that follows, are
// kInvalidArgument.
Result<Table> run(const Statement& statement, Store& store, const Options& options);

// FOLLOW: a statement without an end, whose rows come as events are accepted.
bool follows(const Statement& statement);
class RowFeed {
 public:
  virtual ~RowFeed() = default;
  virtual const std::vector<Column>& columns() const = 0;
  // Appends at most `rows_max` rows of what has come since; gives back how many. Never waits.
  // Errors as Follower::take() has them.
  virtual Result<std::size_t> take(std::size_t rows_max, std::vector<std::vector<Value>>& rows) = 0;
};
// `on_rows` as FollowRequest::on_events.
Result<std::unique_ptr<RowFeed>> follow(const Statement& statement, Store& store,
                                        const Options& options, std::function<void()> on_rows);

// An error as people read it: message, line and column, the line itself with a caret, hint.
// With position 0 just message and hint.
std::string explain_error(const Error& error, std::string_view text);

}  // namespace kpi::query
