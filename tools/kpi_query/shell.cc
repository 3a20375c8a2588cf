#include "tools/kpi_query/shell.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "tools/kpi_query/line_editor.h"
#include "tools/kpi_query/messages.h"
#include "tools/kpi_query/names.h"
#include "tools/kpi_query/runner.h"
#include "tools/kpi_query/script.h"
#include "tools/kpi_query/shell_commands.h"
#include "tools/kpi_query/stop_signal.h"
#include "tools/kpi_query/terminal.h"

namespace kpi::tools {
namespace {

// What other shells are left by.
bool leaves(std::string_view line) {
  line = line.substr(0, line.find_last_not_of("; ") + 1);
  return line == "exit" || line == "quit" || line == "EXIT" || line == "QUIT";
}

class Shell final : public ShellActions {
 public:
  Shell(const Options& options, Connection& connection, Output& output)
      : options_(options),
        connection_(connection),
        output_(output),
        names_(connection),
        editor_(wants_color(options.color, STDOUT_FILENO)),
        commands_(*this, connection, output) {
    editor_.set_completer([this](std::string_view line) { return complete_at(line); });
  }

  ExitCode run() {
    std::printf(
        "kpi-query, connected to %s\nStatements end with ';'. \\? for help, \\q to leave.\n",
        connection_.describe().c_str());
    while (!done_) {
      // A write that Ctrl-C broke off is no sign of a place that cannot be written to.
      if (StopSignal::requested()) std::clearerr(stdout);
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

  void quit() override {
    done_ = true;
    last_ = ExitCode::kOk;
  }
  void take(const std::string& line) override {
    // Within a statement a line may begin with a dot, but not with a backslash.
    const bool command = !line.empty() && (line[0] == '\\' || (line[0] == '.' && pending_.empty()));
    if (command) return commands_.run(line);
    if (pending_.empty() && leaves(line)) return quit();
    if (!pending_.empty()) pending_ += '\n';
    pending_ += line;
    const std::vector<ScriptStatement> statements = split_script(pending_);
    if (statements.empty()) return pending_.clear();
    if (!statements.back().finished) return;
    run_again();
  }
  const std::string& script() const override { return pending_.empty() ? script_ : pending_; }
  void forget_pending() override { pending_.clear(); }
  ExitCode run_again() override {
    if (!pending_.empty()) {
      script_ = std::exchange(pending_, {});
      editor_.remember(script_);
    }
    const auto began = std::chrono::steady_clock::now();
    last_ = run_script(script_, connection_, output_, options_.timeout);
    if (commands_.timing()) {
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - began;
      std::fprintf(stderr, "time: %.3f ms\n", took.count());
    }
    if (last_ == ExitCode::kIncomplete) print_note("the next statement connects again");
    return last_;
  }

 private:
  Completion complete_at(std::string_view line) {
    const std::string before = pending_.empty() ? std::string() : pending_ + '\n';
    Completion completion =
        complete(before + std::string(line), ShellCommands::names(), [this]() -> const Names& {
          const Names& names = names_.names();
          StopSignal::clear();
          return names;
        });
    // A word does not go on over the end of a line.
    if (completion.begin < before.size()) return {};
    completion.begin -= before.size();
    return completion;
  }

  const Options& options_;
  Connection& connection_;
  Output& output_;
  NameSource names_;
  LineEditor editor_;
  ShellCommands commands_;
  std::string pending_;  // Lines of a statement that is not finished.
  std::string script_;   // What ran last.
  bool done_ = false;
  ExitCode last_ = ExitCode::kOk;
};

}  // namespace

ExitCode run_shell(const Options& options, Connection& connection, Output& output) {
  return Shell(options, connection, output).run();
}

}  // namespace kpi::tools
