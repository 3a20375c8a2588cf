// What kpi-query is asked to do, and how.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kpi/query.h"
#include "kpi/render.h"
#include "tools/kpi_query/exit_code.h"

namespace kpi::tools {

enum class ColorMode { kAuto, kAlways, kNever };

enum class Expanded { kOff, kOn, kAuto };  // kAuto: where a table is wider than the terminal.

struct Options {
  std::vector<std::string> statements;
  std::string file;                        // Empty: none. "-": standard input.
  std::string host, port, user, database;  // Empty: PGHOST and its like, then the defaults.
  std::string data_dir;                    // Not empty: no server, this directory.
  std::optional<query::Format> format;     // Not given: by whether standard output is a terminal.
  query::TimeForm time = query::TimeForm::kDefault;
  Expanded expanded = Expanded::kAuto;
  bool plot = false, spark = false, header = true, ascii = false, fail_on_empty = false;
  bool pager = true, follow = false;
  std::optional<std::string> null_text;
  std::chrono::milliseconds timeout{0};
  ColorMode color = ColorMode::kAuto;
};

// From the command line, the environment and configuration files (settings.h); or how to end at
// once (--help, --version, --print-config, a mistake): all is printed already.
std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv);

}  // namespace kpi::tools
