// kpi-server: options, then serve.
#include <cstdio>
#include <string>
#include <vector>

#include "server/access.h"
#include "server/operate/config.h"
#include "server/operate/log.h"
#include "server/serve.h"

namespace kpi::server {
namespace {

int wrong_usage(const Error& error) {
  std::fprintf(stderr, "kpi-server: %s\n", error.message.c_str());
  if (!error.hint.empty()) std::fprintf(stderr, "  %s\n", error.hint.c_str());
  return kExitUsage;
}

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  const auto config = read_config(arguments, process_environment());
  if (!config.ok()) return wrong_usage(config.error());
  const Action action = config.value().action;
  if (action == Action::kHelp) return print(help_text());
  if (action == Action::kVersion) return print(version_text());
  if (action == Action::kPrintConfig) return print(config_text(config.value()));
  const ServerOptions& options = config.value().options;
  if (const Status status = validate(options); !status.ok()) return wrong_usage(status.error());
  if (action == Action::kCheckConfig) {
    const auto access = open_access(options);
    return access.ok() ? print("the configuration is valid\n") : wrong_usage(access.error());
  }
  start_log(options.log_level);
  return serve(options);
}

}  // namespace
}  // namespace kpi::server

int main(int argc, char** argv) {
  return kpi::server::run(std::vector<std::string>(argv + 1, argv + argc));
}
