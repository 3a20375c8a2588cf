// The subcommands of kpi-admin. A new one is a function here and its line in main.cc.
#pragma once
#include <CLI/CLI.hpp>

#include "tools/kpi_query/exit_code.h"

namespace kpi::tools {

// Adds a subcommand to `app`, whose callback does the work and sets `exit`. Both outlive parsing.
using AddCommand = void (*)(CLI::App& app, ExitCode& exit);

void add_backup_command(CLI::App& app, ExitCode& exit);
void add_doctor_command(CLI::App& app, ExitCode& exit);
void add_erase_command(CLI::App& app, ExitCode& exit);
void add_export_command(CLI::App& app, ExitCode& exit);
void add_import_command(CLI::App& app, ExitCode& exit);
void add_restore_command(CLI::App& app, ExitCode& exit);
void add_salvage_command(CLI::App& app, ExitCode& exit);
void add_token_key_command(CLI::App& app, ExitCode& exit);
void add_retention_command(CLI::App& app, ExitCode& exit);
void add_user_command(CLI::App& app, ExitCode& exit);
void add_verify_command(CLI::App& app, ExitCode& exit);

}  // namespace kpi::tools
