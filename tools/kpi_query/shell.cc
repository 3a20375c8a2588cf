#include "tools/kpi_query/shell.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "tools/kpi_query/line_editor.h"
#include "tools/kpi_query/messages.h"
#include "tools/kpi_query/runner.h"
#include "tools/kpi_query/script.h"
#include "tools/kpi_query/stop_signal.h"

namespace kpi::tools {
namespace {

class Shell {
 public:
  Shell(const Options& options, Connection& connection, Output& output)
      : options_(options), connection_(connection), output_(output) {}

  ExitCode run() {
    std::printf(
        "kpi-query, connected to %s\nStatements end with ';'. \\? for help, \\q to leave.\n",
        connection_.describe().c_str());
    while (!done_) {
      StopSignal::clear();
      const std::optional<std::string> line = editor_.read(pending_.empty() ? "kpi> " : "...> ");
      if (line) {
        take(*line);
      } else if (StopSignal::requested()) {  // Ctrl-C at the prompt: away with the statement.
        pending_.clear();
        std::printf("\n");
      } else {
        std::printf("\n");
        done_ = true;
      }
    }
    return last_;
  }

 private:
  struct Command {
    std::string_view name, argument, help;
    void (Shell::*run)(std::string_view argument);
  };
  static const std::array<Command, 5> kCommands;

  void take(const std::string& line) {
    if (pending_.empty() && line.substr(0, 1) == "\\") return run_command(line);
    if (!pending_.empty()) pending_ += '\n';
    pending_ += line;
    const std::vector<ScriptStatement> statements = split_script(pending_);
    if (statements.empty()) return pending_.clear();
    if (!statements.back().finished) return;
    const std::string script = std::exchange(pending_, {});
    editor_.remember(script);
    const auto began = std::chrono::steady_clock::now();
    last_ = run_script(script, connection_, output_, options_.timeout);
    if (timing_) {
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - began;
      std::fprintf(stderr, "time: %.3f ms\n", took.count());
    }
    // An answer that broke off leaves nothing to talk to.
    done_ = last_ == ExitCode::kIncomplete;
  }

  void run_command(std::string_view line) {
    line.remove_suffix(line.size() - 1 - line.find_last_not_of(" ;"));
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view name = line.substr(0, blank);
    const std::string_view argument = blank < line.size() ? line.substr(blank + 1) : "";
    for (const Command& command : kCommands) {
      if (command.name == name) return (this->*command.run)(argument);
    }
    print_note("there is no command " + std::string(name) + "; \\? lists them");
  }

  void quit(std::string_view) {
    done_ = true;
    last_ = ExitCode::kOk;
  }

  void help(std::string_view) {
    for (const Command& command : kCommands) {
      std::printf("  %-10s %-9s %s\n", std::string(command.name).c_str(),
                  std::string(command.argument).c_str(), std::string(command.help).c_str());
    }
    std::printf(
        "Try SHOW RPS; SHOW MEASURES; SHOW LABELS; SHOW STATUS;\n"
        "    SELECT rp, count(*), success_rate() FROM events GROUP BY rp ORDER BY 2 DESC LIMIT "
        "10;\n");
  }

  void timing(std::string_view argument) { toggle("timing", timing_, argument); }

  void plot(std::string_view argument) {
    bool plots = output_.plots();
    toggle("plot", plots, argument);
    output_.set_plot(plots);
  }

  void format(std::string_view argument) {
    if (const auto format = query::parse_format(argument)) return output_.set_format(*format);
    print_note("a format is one of table, csv, tsv, json, ndjson");
  }

  static void toggle(const char* name, bool& value, std::string_view argument) {
    if (argument != "" && argument != "on" && argument != "off") {
      return print_note("expected on or off");
    }
    value = argument.empty() ? !value : argument == "on";
    std::printf("%s is %s\n", name, value ? "on" : "off");
  }

  const Options& options_;
  Connection& connection_;
  Output& output_;
  LineEditor editor_;
  std::string pending_;  // Lines of a statement that is not finished.
  bool timing_ = false, done_ = false;
  ExitCode last_ = ExitCode::kOk;
};

const std::array<Shell::Command, 5> Shell::kCommands = {
    {{"\\q", "", "leave (also Ctrl-D)", &Shell::quit},
     {"\\?", "", "this list", &Shell::help},
     {"\\timing", "[on|off]", "say how long statements took", &Shell::timing},
     {"\\plot", "[on|off]", "draw charts instead of tables", &Shell::plot},
     {"\\format", "NAME", "table, csv, tsv, json or ndjson", &Shell::format}}};

}  // namespace

ExitCode run_shell(const Options& options, Connection& connection, Output& output) {
  return Shell(options, connection, output).run();
}

}  // namespace kpi::tools
