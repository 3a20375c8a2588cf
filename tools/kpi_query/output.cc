#include "tools/kpi_query/output.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstring>

#include "tools/kpi_query/messages.h"

namespace kpi::tools {
namespace {

bool locale_is_utf8() {
  std::setlocale(LC_CTYPE, "");
  return std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int terminal_columns() {
  winsize size = {};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void put(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

Output::Output(const Options& options)
    : terminal_(isatty(STDOUT_FILENO) == 1), plot_(options.plot) {
  format_ = options.format.value_or(terminal_ ? query::Format::kTable : query::Format::kTsv);
  render_.header = options.header;
  render_.null_text = options.null_text.value_or("");
  render_.unicode = !options.ascii && locale_is_utf8();
}

void Output::print(const query::Table& table) {
  if (table.columns.empty()) {  // A command: its tag is news for people only.
    if (terminal_ && format_ == query::Format::kTable) put(table.command_tag + '\n');
  } else {
    if (table.rows.empty()) ++empty_results_;
    query::RenderOptions options = render_;
    if (terminal_) options.width_columns = terminal_columns();
    print_chart_or_table(table, options);
  }
  for (const std::string& note : table.notes) print_note(note);
  std::fflush(stdout);
}

void Output::print_chart_or_table(const query::Table& table, const query::RenderOptions& options) {
  if (plot_) {
    const Result<std::string> chart = query::plot(table, options);
    if (chart.ok()) return put(chart.value());
    print_note(chart.error().message);
  }
  put(query::render(table, format_, options));
}

bool Output::finish() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

}  // namespace kpi::tools
