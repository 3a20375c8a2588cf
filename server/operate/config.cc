#include "server/operate/config.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "server/operate/option_table.h"

namespace kpi::server {
namespace {

Error usage(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message), "see kpi-server --help"};
}

using Texts = std::map<std::string, std::vector<std::string>>;  // By option name.

struct CommandLine {
  Texts texts;
  std::optional<std::string> config_path;
  Action action = Action::kServe;
};

void add_actions(CLI::App& app, CommandLine& line) {
  const auto action = [&](const char* flag, Action value) {
    app.add_flag_callback(flag, [&line, value] { line.action = value; });
  };
  action("-h,--help", Action::kHelp);
  action("--version", Action::kVersion);
  action("--check-config", Action::kCheckConfig);
  action("--print-config", Action::kPrintConfig);
  app.add_option("--config", line.config_path);
}

Result<CommandLine> read_command_line(std::span<const std::string> arguments) {
  CommandLine line;
  CLI::App app;
  app.set_help_flag();
  add_actions(app, line);
  for (const OptionRow& row : option_table()) {
    const std::string name(row.name);
    auto* option = app.add_option("--" + name, line.texts[name]);
    // CLI11 takes one value a time (more by repeating); a flag may stand alone for "true".
    option->expected(row.kind == OptionKind::kFlag ? 0 : 1, 1)->allow_extra_args(false);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return usage(error.what());
  }
  for (const OptionRow& row : option_table()) {
    const std::string name(row.name);
    if (app.count("--" + name) == 0) line.texts.erase(name);
    const bool bare = row.kind == OptionKind::kFlag && app.count("--" + name) != 0;
    if (bare && line.texts[name].front().empty()) line.texts[name] = {"true"};
  }
  return line;
}

// `[retention] raw-days = 7` and `retention-raw-days = 7` are the same.
std::string key_of(const CLI::ConfigItem& item) {
  std::string key;
  for (const std::string& parent : item.parents) key += parent + "-";
  return key + item.name;
}

Result<Texts> read_file(const std::string& path) {
  Texts texts;
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_file(path);
  } catch (const CLI::Error& error) {
    return usage("cannot read the configuration file '" + path + "': " + error.what());
  }
  for (const CLI::ConfigItem& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // CLI11's marks of sections.
    const std::string key = key_of(item);
    if (find_option(key) == nullptr) {
      return usage("'" + path + "' sets '" + key + "', which is no option");
    }
    auto& values = texts[key];
    values.insert(values.end(), item.inputs.begin(), item.inputs.end());
  }
  return texts;
}

// A list in one environment variable is separated by blanks.
std::vector<std::string> split_blanks(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while ((begin = text.find_first_not_of(' ', begin)) != std::string::npos) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return parts;
}

Texts read_environment(const Environment& environment) {
  Texts texts;
  for (const OptionRow& row : option_table()) {
    const auto value = environment(environment_name(row));
    if (!value) continue;
    texts[std::string(row.name)] =
        row.kind == OptionKind::kList ? split_blanks(*value) : std::vector<std::string>{*value};
  }
  return texts;
}

Status apply(Config& config, const Texts& texts, const std::string& origin) {
  for (const auto& [name, values] : texts) {
    const OptionRow* row = find_option(name);
    const Status status = set_option(config.options, *row, values);
    if (!status.ok()) {
      return Error{ErrorCode::kInvalidArgument, status.error().message + " (" + origin + ")",
                   "see kpi-server --help"};
    }
    config.origins[name] = origin;
  }
  return ok_status();
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

Result<Config> read_config(std::span<const std::string> arguments, const Environment& environment) {
  auto line = read_command_line(arguments);
  if (!line.ok()) return std::move(line).error();
  Config config;
  config.action = line.value().action;
  const auto path = line.value().config_path ? line.value().config_path : environment("KPI_CONFIG");
  if (path) {
    auto file = read_file(*path);
    if (!file.ok()) return std::move(file).error();
    if (Status status = apply(config, file.value(), "file " + *path); !status.ok()) {
      return std::move(status).error();
    }
  }
  if (Status status = apply(config, read_environment(environment), "environment"); !status.ok()) {
    return std::move(status).error();
  }
  if (Status status = apply(config, line.value().texts, "flag"); !status.ok()) {
    return std::move(status).error();
  }
  return config;
}

}  // namespace kpi::server
