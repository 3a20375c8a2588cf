#include "tools/kpi_query/shell_commands.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "tools/kpi_query/messages.h"
#include "tools/kpi_query/stop_signal.h"
#include "tools/kpi_query/text_editor.h"

namespace kpi::tools {
namespace {

constexpr double kWatchSeconds = 2, kWatchSecondsMin = 0.1, kWatchSecondsMax = 86'400;
constexpr const char* kFormats = "table, csv, tsv, json, ndjson or markdown";

// Nothing: `argument` is neither on nor off, and that has been said.
std::optional<bool> toggled(const char* name, bool value, std::string_view argument) {
  if (argument != "" && argument != "on" && argument != "off") {
    print_note("expected on or off");
    return std::nullopt;
  }
  const bool now = argument.empty() ? !value : argument == "on";
  std::printf("%s is %s\n", name, now ? "on" : "off");
  return now;
}

std::string now_text() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  return query::to_text(query::Value(std::int64_t{seconds} * 1000), query::Type::kTimestamp);
}

// False: Ctrl-C came first.
bool pause(double seconds) {
  pollfd stop = {StopSignal::fd(), POLLIN, 0};
  return poll(&stop, 1, static_cast<int>(seconds * 1000)) == 0;
}

}  // namespace

struct ShellCommands::Command {
  std::string_view name, argument, help;
  void (ShellCommands::*run)(std::string_view argument);
  std::string_view alias = {};
};

std::span<const ShellCommands::Command> ShellCommands::table() {
  using S = ShellCommands;
  static constexpr std::array<Command, 10> kTable = {
      {{"\\q", "", "leave (also Ctrl-D)", &S::quit, "\\quit"},
       {"\\?", "", "this list", &S::help, "\\help"},
       {"\\format", "NAME", "table, csv, tsv, json, ndjson, markdown", &S::format, "\\mode"},
       {"\\x", "[on|off|auto]", "tables with a line for each value", &S::expanded, "\\expanded"},
       {"\\plot", "[on|off]", "draw charts instead of tables", &S::plot},
       {"\\spark", "[on|off]", "a small line for each series over time", &S::spark},
       {"\\last", "[FORMAT]", "the last result again, as FORMAT, plot or spark", &S::last},
       {"\\watch", "[SECONDS]", "run the last statement again and again, until Ctrl-C", &S::watch},
       {"\\e", "", "the statement in $EDITOR", &S::edit, "\\edit"},
       {"\\timing", "[on|off]", "say how long statements took", &S::timing}}};
  return kTable;
}

std::span<const std::string_view> ShellCommands::names() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const Command& command : table()) {
      names.push_back(command.name);
      if (!command.alias.empty()) names.push_back(command.alias);
    }
    return names;
  }();
  return kNames;
}

void ShellCommands::run(std::string_view line) {
  const std::size_t end = line.find_last_not_of(" ;");
  line = line.substr(0, end == std::string_view::npos ? 0 : end + 1);
  const std::size_t blank = std::min(line.find(' '), line.size());
  const std::string_view name = line.substr(0, blank);
  std::string_view argument = line.substr(blank);
  argument.remove_prefix(std::min(argument.find_first_not_of(' '), argument.size()));
  for (const Command& command : table()) {
    if (name.size() < 2) break;
    const bool called = command.name.substr(1) == name.substr(1) ||
                        (!command.alias.empty() && command.alias.substr(1) == name.substr(1));
    if (!called) continue;
    (this->*command.run)(argument);
    std::fflush(stdout);
    return;
  }
  print_note("there is no command " + std::string(name) + "; \\? lists them");
}

void ShellCommands::quit(std::string_view) { shell_.quit(); }

void ShellCommands::help(std::string_view) {
  for (const Command& command : table()) {
    const std::string names = std::string(command.name) + (command.alias.empty() ? "" : ", ") +
                              std::string(command.alias);
    std::printf("  %-14s %-13s %s\n", names.c_str(), std::string(command.argument).c_str(),
                std::string(command.help).c_str());
  }
  std::printf(
      "A dot does for the backslash: .last, .mode csv. Tab completes words and, within quotes, "
      "RPs\n"
      "and values of labels. Ctrl-C cancels.\n"
      "Try SHOW RPS; SHOW MEASURES; SHOW LABELS; SHOW MILESTONES; SHOW STATUS;\n"
      "    SELECT rp, count(*), success_rate() FROM events GROUP BY rp ORDER BY 2 DESC LIMIT "
      "10;\n");
}

void ShellCommands::timing(std::string_view argument) {
  timing_ = toggled("timing", timing_, argument).value_or(timing_);
}

void ShellCommands::expanded(std::string_view argument) {
  Expanded& now = output_.view().expanded;
  if (argument == "auto") {
    now = Expanded::kAuto;
    std::printf("expanded is auto\n");
  } else if (const auto on = toggled("expanded", now == Expanded::kOn, argument)) {
    now = *on ? Expanded::kOn : Expanded::kOff;
  }
}

void ShellCommands::plot(std::string_view argument) {
  View& view = output_.view();
  view.plot = toggled("plot", view.plot, argument).value_or(view.plot);
  if (view.plot) view.spark = false;
}

void ShellCommands::spark(std::string_view argument) {
  View& view = output_.view();
  view.spark = toggled("spark", view.spark, argument).value_or(view.spark);
  if (view.spark) view.plot = false;
}

void ShellCommands::format(std::string_view argument) {
  if (argument.empty()) {
    std::printf("a format is one of %s\n", kFormats);
  } else if (const auto format = query::parse_format(argument)) {
    output_.view().format = *format;
  } else {
    print_note(std::string("a format is one of ") + kFormats);
  }
}

void ShellCommands::last(std::string_view argument) {
  View view = output_.view();
  if (argument == "plot" || argument == "spark") {
    view.plot = argument == "plot";
    view.spark = !view.plot;
  } else if (!argument.empty()) {
    const auto format = query::parse_format(argument);
    if (!format) return print_note(std::string("expected ") + kFormats + ", plot or spark");
    view = {*format, false, false, view.expanded};
  }
  if (!output_.show_last(view, connection_)) print_note("there is no last result");
}

void ShellCommands::watch(std::string_view argument) {
  double seconds = kWatchSeconds;
  if (!argument.empty()) {
    const auto parsed =
        std::from_chars(argument.data(), argument.data() + argument.size(), seconds);
    const bool whole = parsed.ec == std::errc{} && parsed.ptr == argument.data() + argument.size();
    if (!whole || !(seconds >= kWatchSecondsMin && seconds <= kWatchSecondsMax)) {
      return print_note("expected seconds, 0.1 to 86400");
    }
  }
  if (shell_.script().empty()) return print_note("there is no statement to run again");
  do {
    std::printf("%s (every %g s)\n", now_text().c_str(), seconds);
    if (shell_.run_again() != ExitCode::kOk) return;
  } while (pause(seconds));
  std::printf("\n");
}

void ShellCommands::edit(std::string_view) {
  const std::optional<std::string> text = edit_text(shell_.script());
  if (!text) return;
  shell_.forget_pending();
  std::printf("%s\n", text->c_str());
  std::string line = *text;
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  if (!line.empty()) shell_.take(line);
}

}  // namespace kpi::tools
