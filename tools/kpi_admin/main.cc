// kpi-admin: what the operator of a store does besides running it.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "tools/kpi_admin/command.h"

namespace kpi::tools {
namespace {

constexpr AddCommand kCommands[] = {
    add_backup_command,    add_doctor_command,  add_erase_command,   add_export_command,
    add_import_command,    add_restore_command, add_salvage_command, add_token_key_command,
    add_retention_command, add_user_command,    add_verify_command,
};

constexpr const char* kDescription =
    R"(kpi-admin - users of a kpistore, its data in and out, and its upkeep.

Examples:
  kpi-admin user add dashboard --users /etc/kpistore/users            asks for the password twice
  kpi-admin user add alice --role admin --password-file - < secret    for scripts
  kpi-admin user add report --peer www-data                           a system user, Unix sockets only
  kpi-admin user list
  kill -HUP $(pidof kpi-server)                                       users in force
  kpi-admin token-key add --keys /etc/kpistore/token-keys             signs tokens of metrics URLs
  kpi-admin export --data-dir /var/lib/kpistore --out /backup/kpi
  kpi-admin import --data-dir /srv/other --archive /backup/kpi
  kpi-admin backup --data-dir /var/lib/kpistore --out /backup/kpi-monday
  kpi-admin restore --from /backup/kpi-monday --data-dir /srv/other
  kpi-admin erase --data-dir /var/lib/kpistore --rp https://rp.example --dry-run
  kpi-admin retention show --data-dir /var/lib/kpistore

Exit codes: 0 ok, 1 refused, 2 usage or a file that cannot be read or written,
130 interrupted.)";

int run(int argc, char** argv) {
  CLI::App app(kDescription, "kpi-admin");
  app.set_version_flag("--version", "kpi-admin " KPI_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  ExitCode exit = ExitCode::kOk;
  for (const AddCommand add : kCommands) add(app, exit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == 0;  // --help, --version.
    app.exit(error);
    return asked ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(exit);
}

}  // namespace
}  // namespace kpi::tools

int main(int argc, char** argv) { return kpi::tools::run(argc, argv); }
