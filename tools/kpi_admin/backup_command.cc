#include <cstdio>
#include <memory>

#include "kpi/backup.h"
#include "tools/kpi_admin/archive/progress.h"
#include "tools/kpi_admin/command.h"
#include "tools/kpi_admin/interruption.h"
#include "tools/kpi_admin/messages.h"

namespace kpi::tools {
namespace {

constexpr const char* kDescription =
    R"(Copy a store's files as they were at one moment, with a checksum of each. A server may go on writing
to the store: it is not stopped, and nothing is written there. With --base, tables that an earlier
backup has are linked to instead of copied; each backup is whole without the other.

Examples:
  kpi-admin backup --data-dir /var/lib/kpistore --out /backup/kpi-monday
  kpi-admin backup --data-dir /var/lib/kpistore --out /backup/kpi-tuesday --base /backup/kpi-monday
)";
constexpr const char* kRestoreDescription =
    R"(Make a store out of a backup, in a directory that does not exist or is empty. Every file is compared
with its checksum before and after, and the store is opened once; a damaged backup is refused.

Examples:
  kpi-admin restore --from /backup/kpi-monday --data-dir /var/lib/kpistore
)";

ExitCode report(const Result<BackupSummary>& done, const char* what, bool quiet) {
  if (!done.ok()) return report_failure(done.error());
  if (quiet) return ExitCode::kOk;
  const BackupSummary& summary = done.value();
  std::printf("%s up to sequence %s: %s files, %s bytes", what,
              with_commas(summary.sequence).c_str(), with_commas(summary.files).c_str(),
              with_commas(summary.bytes).c_str());
  if (summary.files_linked > 0) {
    std::printf(" (%s files shared with the base)", with_commas(summary.files_linked).c_str());
  }
  std::printf("\n");
  return ExitCode::kOk;
}

}  // namespace

void add_backup_command(CLI::App& app, ExitCode& exit) {
  const auto options = std::make_shared<BackupOptions>();
  const auto quiet = std::make_shared<bool>(false);
  CLI::App* const command = app.add_subcommand("backup", kDescription);
  command->add_option("--data-dir", options->data_dir, "Directory of the store")
      ->envname("KPI_DATA_DIR")
      ->required();
  command->add_option("--out", options->out, "Directory of the backup; absent or empty")
      ->required();
  command->add_option("--base", options->base, "An earlier backup of the same store");
  command->add_flag("--quiet", *quiet, "No summary");
  command->callback([options, quiet, &exit] {
    const Interruption interruption;
    exit = report(back_up(*options, interruption.token()), "backed up", *quiet);
  });
}

void add_restore_command(CLI::App& app, ExitCode& exit) {
  struct Wish {
    std::string from, data_dir;
    bool quiet = false;
  };
  const auto wish = std::make_shared<Wish>();
  CLI::App* const command = app.add_subcommand("restore", kRestoreDescription);
  command->add_option("--from", wish->from, "Directory of the backup")->required();
  command->add_option("--data-dir", wish->data_dir, "Directory of the new store; absent or empty")
      ->envname("KPI_DATA_DIR")
      ->required();
  command->add_flag("--quiet", wish->quiet, "No summary");
  command->callback([wish, &exit] {
    const Interruption interruption;
    exit = report(restore_backup(wish->from, wish->data_dir, interruption.token()), "restored",
                  wish->quiet);
  });
}

}  // namespace kpi::tools
