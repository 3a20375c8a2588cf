// Results on standard output, in the format that was asked for.
#pragma once
#include <cstddef>

#include "kpi/query.h"
#include "kpi/render.h"
#include "tools/kpi_query/options.h"

namespace kpi::tools {

class Output {
 public:
  explicit Output(const Options& options);
  // What goes wrong while writing is seen by finish().
  void print(const query::Table& table);
  // False: not everything could be written.
  bool finish();

  std::size_t empty_results() const { return empty_results_; }
  bool plots() const { return plot_; }
  void set_plot(bool plot) { plot_ = plot; }
  void set_format(query::Format format) { format_ = format; }

 private:
  void print_chart_or_table(const query::Table& table, const query::RenderOptions& options);

  query::Format format_;
  query::RenderOptions render_;
  bool terminal_, plot_;
  std::size_t empty_results_ = 0;
};

}  // namespace kpi::tools
