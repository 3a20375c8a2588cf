// What --help, --version and --print-config print, made from the option table.
#include <fmt/format.h>

#include "server/operate/config.h"
#include "server/operate/option_table.h"

namespace kpi::server {
namespace {

constexpr std::size_t kTextColumn = 34, kLineColumns = 98;

// Wraps `text` at blanks into the column right of the flags.
void append_wrapped(std::string& out, std::string_view text) {
  std::size_t column = kTextColumn;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find(' '), text.size());
    if (column > kTextColumn && column + 1 + length > kLineColumns) {
      out += '\n' + std::string(kTextColumn, ' ');
      column = kTextColumn;
    }
    if (column > kTextColumn) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, length);
    column += length;
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  out += '\n';
}

void append_row(std::string& out, std::string_view flag, std::string_view text) {
  out += fmt::format("  {:<{}}", flag, kTextColumn - 2);
  if (flag.size() > kTextColumn - 4) out += '\n' + std::string(kTextColumn, ' ');
  append_wrapped(out, text);
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string config_value(const ServerOptions& options, const OptionRow& row) {
  if (row.kind == OptionKind::kCount || row.kind == OptionKind::kFlag) {
    return option_text(options, row);
  }
  if (row.kind != OptionKind::kList) return quoted(option_text(options, row));
  std::string list;
  for (const auto& item : options.*std::get<std::vector<std::string> ServerOptions::*>(row.field)) {
    if (!list.empty()) list += ", ";
    list += quoted(item);
  }
  return '[' + list + ']';
}

}  // namespace

std::string help_text() {
  std::string out =
      "kpi-server: takes sign-in reports over HTTP, stores them, answers queries.\n\n"
      "  kpi-server --data-dir DIR [--http ADDR:PORT|unix:PATH]... [--query "
      "ADDR:PORT|unix:DIR]...\n"
      "\nA flag wins over its environment variable (--body-max: KPI_BODY_MAX, lists separated by\n"
      "blanks), that over the configuration file, that over the default.\n"
      "SIZE is bytes or has a unit: 512KiB, 64MiB (64M), 10kB. TIME needs one: 500ms, 10s, 5m, "
      "1h.\n";
  const ServerOptions defaults;
  std::string_view group;
  for (const OptionRow& row : option_table()) {
    if (row.group != group) out += fmt::format("\n{}\n", group = row.group);
    const std::string value = option_text(defaults, row);
    append_row(out, fmt::format("--{} {}", row.name, placeholder(row)),
               value.empty() ? std::string(row.help) : fmt::format("{} [{}]", row.help, value));
  }
  out += "\nOther\n";
  append_row(out, "--config FILE", "Read options from a TOML or INI file (or KPI_CONFIG)");
  append_row(out, "--check-config", "Check the configuration and exit with 0 or 2");
  append_row(out, "--print-config", "Print every option, its value and where it came from");
  append_row(out, "--version", "Print the version");
  append_row(out, "--help", "Print this");
  out +=
      "\nExit status: 0 stopped by a signal; 2 wrong usage or configuration; 71 an address cannot\n"
      "be listened at; 74 stopped after a write error; 78 the data cannot be opened; 130, 143\n"
      "stopped at once by a second signal.\n";
  return out;
}

std::string version_text() { return "kpi-server " KPI_VERSION "\n"; }

std::string config_text(const Config& config) {
  std::string out;
  for (const OptionRow& row : option_table()) {
    const auto origin = config.origins.find(std::string(row.name));
    out += fmt::format("{} = {}  # {}\n", row.name, config_value(config.options, row),
                       origin == config.origins.end() ? "default" : origin->second);
  }
  return out;
}

}  // namespace kpi::server
