#include "tools/kpi_query/output.h"

#include <unistd.h>

#include <algorithm>

#include "tools/kpi_query/messages.h"
#include "tools/kpi_query/milestones.h"
#include "tools/kpi_query/pager.h"
#include "tools/kpi_query/terminal.h"

namespace kpi::tools {
namespace {

std::size_t size_in_memory(const Rows& rows) {
  std::size_t size = 0;
  for (const auto& row : rows) {
    size += sizeof(row) + row.size() * sizeof(query::Value);
    for (const query::Value& value : row) {
      if (const auto* text = std::get_if<std::string>(&value)) size += text->size();
    }
  }
  return size;
}

// How wide a table came out: its first rule, the top line or in ASCII that below the names, has
// characters of one column only.
int rule_width(std::string_view text, bool unicode) {
  const std::size_t begin = unicode ? 0 : text.find('\n') + 1;
  const std::string_view rule = text.substr(begin, text.find('\n', begin) - begin);
  return static_cast<int>(std::count_if(rule.begin(), rule.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

View first_view(const Options& options, bool terminal) {
  const query::Format usual = terminal ? query::Format::kTable : query::Format::kTsv;
  return {options.format.value_or(usual), options.plot, options.spark, options.expanded};
}

}  // namespace

Output::Output(const Options& options, bool interactive)
    : view_(first_view(options, is_terminal(STDOUT_FILENO))),
      terminal_(is_terminal(STDOUT_FILENO)),
      interactive_(interactive),
      pager_(terminal_ && options.pager),
      progress_(locale_is_utf8() && !options.ascii) {
  render_.header = options.header;
  render_.null_text = options.null_text.value_or("");
  render_.unicode = locale_is_utf8() && !options.ascii;
  render_.time = options.time;
  render_.color = wants_color(options.color, STDOUT_FILENO);
}

void Output::start_statement(bool following) {
  following_ = following;
  ended_ = false;
  written_ = kept_whole_ = true;
  row_count_ = kept_bytes_ = 0;
  stream_.reset();
  table_ = {};
  if (!following) progress_.start();
}

void Output::abandon_statement() {
  progress_.stop();
  stream_.reset();
  table_ = {};
}

bool Output::streams() const {
  if (following_) return true;
  return !view_.plot && !view_.spark && view_.format != query::Format::kTable;
}

void Output::begin(std::vector<query::Column> columns) {
  progress_.stop();
  if (streams() && !columns.empty()) {
    stream_.emplace(columns, view_.format, render_options());
    std::string text;
    stream_->append(text, {});
    written_ = write_output(text);
  }
  table_.columns = std::move(columns);
}

bool Output::rows(Rows rows) {
  row_count_ += rows.size();
  if (!stream_) {
    std::move(rows.begin(), rows.end(), std::back_inserter(table_.rows));
    return true;
  }
  std::string text;
  stream_->append(text, rows);
  written_ = written_ && write_output(text);
  return keep(rows) && written_;
}

// What has streamed by may be asked for again, as long as it is not too much.
bool Output::keep(Rows& rows) {
  if (!interactive_ || following_ || !kept_whole_) return true;
  kept_bytes_ += size_in_memory(rows);
  kept_whole_ = kept_bytes_ <= kLastBytesMax;
  if (kept_whole_) {
    std::move(rows.begin(), rows.end(), std::back_inserter(table_.rows));
  } else {
    table_.rows = {};
  }
  return true;
}

void Output::end(std::string command_tag, std::vector<std::string> notes) {
  ended_ = true;
  table_.command_tag = std::move(command_tag);
  table_.notes = std::move(notes);
}

bool Output::finish_statement(Connection& connection) {
  progress_.stop();
  if (!ended_) return written_;
  if (stream_) {
    std::string text;
    stream_->finish(text);
    written_ = written_ && write_output(text);
  } else {
    written_ = show(table_, view_, connection);
  }
  for (const std::string& note : table_.notes) print_note(note);
  if (!table_.columns.empty() && row_count_ == 0) ++empty_results_;
  const bool keep = interactive_ && !following_ && !table_.columns.empty();
  if (keep && kept_whole_) last_ = std::move(table_);
  if (keep && !kept_whole_) last_.reset();
  table_ = {};
  return written_;
}

bool Output::show_last(const View& view, Connection& connection) {
  if (!last_) return false;
  show(*last_, view, connection);
  return true;
}

bool Output::show(const query::Table& table, const View& view, Connection& connection) {
  if (table.columns.empty()) {  // A command: its tag is news for people only.
    const bool news = terminal_ && view.format == query::Format::kTable;
    return !news || write_output(table.command_tag + '\n');
  }
  return write_or_page(text_of(table, view, connection));
}

std::string Output::text_of(const query::Table& table, const View& view, Connection& connection) {
  if (view.spark || view.plot) {
    query::RenderOptions options = render_options();
    if (view.plot && has_time(table)) options.marks = fetch_milestones(connection);
    const Result<std::string> drawn =
        view.spark ? query::sparklines(table, options) : query::plot(table, options);
    if (drawn.ok()) return drawn.value();
    print_note(drawn.error().message);
  }
  if (view.format == query::Format::kTable) return table_text(table, view);
  return query::render(table, view.format, render_options());
}

std::string Output::table_text(const query::Table& table, const View& view) const {
  query::RenderOptions options = render_options();
  options.expanded = view.expanded == Expanded::kOn;
  if (view.expanded != Expanded::kAuto || options.width_columns == 0) {
    return query::render(table, view.format, options);
  }
  query::RenderOptions plain = options;
  plain.color = false;
  plain.header = true;
  const std::string text = query::render(table, view.format, plain);
  options.expanded = rule_width(text, options.unicode) > options.width_columns;
  return query::render(table, view.format, options);
}

bool Output::write_or_page(const std::string& text) {
  const auto lines = std::count(text.begin(), text.end(), '\n');
  const bool long_text = terminal_rows() > 0 && lines >= terminal_rows();
  if (pager_ && long_text && show_in_pager(text)) return true;
  return write_output(text);
}

query::RenderOptions Output::render_options() const {
  query::RenderOptions options = render_;
  if (terminal_) options.width_columns = terminal_columns();
  return options;
}

}  // namespace kpi::tools
