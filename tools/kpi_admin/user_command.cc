#include "tools/kpi_admin/user_command.h"

#include "tools/kpi_admin/command.h"

namespace kpi::tools {

void add_users_option(CLI::App& command, std::string& path) {
  command.add_option("--users", path, "Users file, as option users of kpi-server")
      ->type_name("FILE")
      ->envname("KPI_USERS")
      ->required();
}

void add_user_command(CLI::App& app, ExitCode& exit) {
  CLI::App* const user = app.add_subcommand("user", "Who may ask: add, remove, list");
  user->require_subcommand(1);
  add_user_add(*user, exit);
  add_user_remove(*user, exit);
  add_user_list(*user, exit);
}

}  // namespace kpi::tools
