#include <cstdio>
#include <memory>

#include "tools/kpi_admin/archive/import_store.h"
#include "tools/kpi_admin/archive/progress.h"
#include "tools/kpi_admin/command.h"
#include "tools/kpi_admin/interruption.h"
#include "tools/kpi_admin/messages.h"

namespace kpi::tools {
namespace {

constexpr const char* kDescription =
    R"(Take an archive into a store without events, or a file of events into any store. No server may have
the store open. Interrupted at any moment, the same command goes on; done already, it does nothing:
each event is taken exactly once.

Examples:
  kpi-admin import --data-dir /var/lib/kpistore --archive /backup/kpi
  kpi-admin import --data-dir /var/lib/kpistore --events /backup/kpi/events-2026-11-21.ndjson
)";

ExitCode run(const ImportOptions& options) {
  const Interruption interruption;
  const auto summary = import_store(options, interruption.token());
  if (!summary.ok()) return report_failure(summary.error());
  if (options.quiet) return ExitCode::kOk;
  if (summary.value().already_done) {
    std::printf("it was taken in before; nothing to do\n");
    return ExitCode::kOk;
  }
  std::printf("%s events and %s lines of the rest taken in\n",
              with_commas(summary.value().events).c_str(),
              with_commas(summary.value().rest_lines).c_str());
  return ExitCode::kOk;
}

}  // namespace

void add_import_command(CLI::App& app, ExitCode& exit) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* const command = app.add_subcommand("import", kDescription);
  command->add_option("--data-dir", options->data_dir, "Directory of the store; made if absent")
      ->envname("KPI_DATA_DIR")
      ->required();
  auto* source = command->add_option_group("source");
  source->add_option("--archive", options->archive, "What kpi-admin export wrote");
  source->add_option("--events", options->events, "One file of NDJSON, an event a line");
  source->require_option(1);
  command->add_flag("--quiet", options->quiet, "No progress, no summary");
  command->callback([options, &exit] { exit = run(*options); });
}

}  // namespace kpi::tools
