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
struct RenderOptions {
  bool header = true;
  std::string null_text = "";  // Table, CSV and TSV.
  int width_columns = 0;       // Table: fit into so many terminal columns; 0: as wide as needed.
  bool unicode = true;         // Table borders and plots; false: ASCII.
  std::vector<Milestone> marks = {};  // Shown on the time axis of plots.
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
