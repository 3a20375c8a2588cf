// Results on standard output, in the form that was asked for.
#pragma once
#include <cstddef>
#include <optional>

#include "kpi/query.h"
#include "kpi/render.h"
#include "tools/kpi_query/connection.h"
#include "tools/kpi_query/options.h"
#include "tools/kpi_query/progress.h"

namespace kpi::tools {

// How results are looked at, beside their format.
struct View {
  query::Format format = query::Format::kTable;
  bool plot = false, spark = false;
  Expanded expanded = Expanded::kAuto;  // Of the format table.
};

// Rows leave as they come where the format allows; a table, a chart and sparklines wait for the
// last row.
class Output final : public ResultSink {
 public:
  // interactive: the last result is kept, up to kLastBytesMax.
  Output(const Options& options, bool interactive);

  // Before and after each statement. Following: rows without an end, each due at once. finish()
  // shows what waited for the end, and may ask `connection` for milestones to mark charts with.
  // False: it was not all written.
  void start_statement(bool following);
  bool finish_statement(Connection& connection);
  // After a statement that failed.
  void abandon_statement();

  void begin(std::vector<query::Column> columns) override;
  bool rows(Rows rows) override;
  void end(std::string command_tag, std::vector<std::string> notes) override;

  // The last result once more. False: none is kept.
  bool show_last(const View& view, Connection& connection);

  static constexpr std::size_t kLastBytesMax = 64U << 20;
  std::size_t empty_results() const { return empty_results_; }
  View& view() { return view_; }
  const View& view() const { return view_; }

 private:
  bool streams() const;
  bool keep(Rows& rows);
  bool show(const query::Table& table, const View& view, Connection& connection);
  std::string text_of(const query::Table& table, const View& view, Connection& connection);
  std::string table_text(const query::Table& table, const View& view) const;
  bool write_or_page(const std::string& text);
  query::RenderOptions render_options() const;

  View view_;
  query::RenderOptions render_;
  const bool terminal_, interactive_, pager_;
  Progress progress_;
  // Of the statement that runs.
  bool following_ = false, ended_ = false, written_ = true, kept_whole_ = true;
  std::size_t row_count_ = 0, kept_bytes_ = 0;
  std::optional<query::RowStream> stream_;
  query::Table table_;
  std::optional<query::Table> last_;
  std::size_t empty_results_ = 0;
};

}  // namespace kpi::tools
