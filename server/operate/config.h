// Command line, environment and configuration file -> ServerOptions. A flag wins over the
// environment, the environment over the file, the file over the default.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "kpi/result.h"
#include "server/operate/options.h"

namespace kpi::server {

enum class Action : std::uint8_t { kServe, kHelp, kVersion, kCheckConfig, kPrintConfig };

struct Config {
  ServerOptions options;
  Action action = Action::kServe;
  std::map<std::string, std::string> origins;  // By option name: flag, environment, file.
};

// The value of an environment variable, or nothing. Replaceable for tests.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

// `arguments` without the program's name. kInvalidArgument: what is wrong, and where.
Result<Config> read_config(std::span<const std::string> arguments, const Environment& environment);
// What single options cannot say: addresses, paths, labels, budgets against each other.
Status validate(const ServerOptions& options);

std::string help_text();
std::string version_text();
// One line an option: `name = value  # origin`; valid as a configuration file again.
std::string config_text(const Config& config);

}  // namespace kpi::server
