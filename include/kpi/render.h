// Tables as text: formats for programs, tables and plots for people.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/query.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi::query {

enum class Format : std::uint8_t { kTable, kCsv, kTsv, kJson, kNdjson, kMarkdown };
std::optional<Format> parse_format(std::string_view name);

// How timestamps read.
enum class TimeForm : std::uint8_t {
  kDefault,  // `2026-11-22 09:00:00+00`, in JSON and NDJSON as kRfc3339.
  kRfc3339,  // `2026-11-22T09:00:00Z`
  kUnix,     // Seconds since the epoch: `1795338000`, `1795338000.125`; a number in JSON.
  kLocal,    // `2026-11-22 10:00:00+01:00`, in the zone of the TZ variable.
};
std::optional<TimeForm> parse_time_form(std::string_view name);

struct RenderOptions {
  bool header = true;
  std::string null_text = "";  // Table, CSV, TSV and Markdown.
  int width_columns = 0;       // Table: fit into so many terminal columns; 0: as wide as needed.
  bool unicode = true;         // Table borders and plots; false: ASCII.
  std::vector<Milestone> marks = {};  // Shown on the time axis of plots.
  TimeForm time = TimeForm::kDefault;
  bool expanded = false;  // Table: a row is a block with one line for each column.
  bool color = false;     // Table: header bold, NULL dim, by escape sequences.
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

// The same text for rows that come bit by bit: begin, then rows, then finish, each appending to
// `out`. kTable gives columns aligned by what has come so far, without lines around them.
class RowStream {
 public:
  RowStream(std::vector<Column> columns, Format format, const RenderOptions& options);
  ~RowStream();
  RowStream(RowStream&&) noexcept;
  RowStream& operator=(RowStream&&) noexcept;
  // Rows as long as `columns`.
  void append(std::string& out, const std::vector<std::vector<Value>>& rows);
  void finish(std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Over the first timestamp column, a heat-map of the first text column that holds histogram()s, or
// a line chart of every numeric column, a line for each combination of the text columns; without
// a time, bars over the first text column. kInvalidArgument: nothing to plot, and why.
Result<std::string> plot(const Table& table, const RenderOptions& options);

// A row for each combination of the text columns and numeric column: its course over the first
// timestamp column in small, its last value, least and greatest. kInvalidArgument as plot().
Result<std::string> sparklines(const Table& table, const RenderOptions& options);

}  // namespace kpi::query
