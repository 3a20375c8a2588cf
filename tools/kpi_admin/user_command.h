// `kpi-admin user ...`: what its subcommands share.
#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "tools/kpi_query/exit_code.h"

namespace kpi::tools {

void add_user_add(CLI::App& user, ExitCode& exit);
void add_user_remove(CLI::App& user, ExitCode& exit);
void add_user_list(CLI::App& user, ExitCode& exit);

// --users FILE, or KPI_USERS as for kpi-server.
void add_users_option(CLI::App& command, std::string& path);

}  // namespace kpi::tools
