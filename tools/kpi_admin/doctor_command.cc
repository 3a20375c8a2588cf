#include <cstdio>
#include <memory>
#include <string>

#include "tools/kpi_admin/command.h"
#include "tools/kpi_admin/doctor/examination.h"

namespace kpi::tools {
namespace {

constexpr const char* kDescription =
    R"(Look at what a store depends on: free space, file system, permissions, limits of processes,
the clock, kernel settings, who has the store open, and whether it opens, of which format.
One line each: ok, note or wrong. Run it as the server's user. Exit code 1 if something is wrong.

Examples:
  kpi-admin doctor --data-dir /var/lib/kpistore --users /etc/kpistore/users
)";

const char* to_text(Finding::Grade grade) {
  switch (grade) {
    case Finding::Grade::kOk:
      return "ok";
    case Finding::Grade::kNote:
      return "note";
    case Finding::Grade::kWrong:
      return "wrong";
  }
  return "";
}

ExitCode run(const std::string& dir, const std::string& users) {
  ExitCode exit = ExitCode::kOk;
  for (const Finding& finding : examine(dir, users)) {
    std::printf("%-6s %-12s %s\n", to_text(finding.grade), finding.what.c_str(),
                finding.text.c_str());
    if (finding.grade == Finding::Grade::kWrong) exit = ExitCode::kQueryError;
  }
  return exit;
}

}  // namespace

void add_doctor_command(CLI::App& app, ExitCode& exit) {
  const auto dir = std::make_shared<std::string>();
  const auto users = std::make_shared<std::string>();
  CLI::App* const command = app.add_subcommand("doctor", kDescription);
  command->add_option("--data-dir", *dir, "Directory of the store")
      ->envname("KPI_DATA_DIR")
      ->required();
  command->add_option("--users", *users, "Users file of the server")->envname("KPI_USERS");
  command->callback([dir, users, &exit] { exit = run(*dir, *users); });
}

}  // namespace kpi::tools
