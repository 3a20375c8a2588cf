#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "kpi/verify.h"
#include "tools/kpi_admin/archive/progress.h"
#include "tools/kpi_admin/command.h"
#include "tools/kpi_admin/interruption.h"
#include "tools/kpi_admin/messages.h"

namespace kpi::tools {
namespace {

constexpr const char* kDescription =
    R"(Read everything in a store, or a backup, and prove that it is whole: the checksum of each file, each
chunk, cell, sketch, journal record and document, and, where events are kept, that the figures are exactly
what the events come to. A server may go on meanwhile. Exit code 1, and a line each, where it is not.

Examples:
  kpi-admin verify --data-dir /var/lib/kpistore
  kpi-admin verify --data-dir /backup/kpi-monday
)";

void print(const char* what, std::uint64_t number) {
  std::printf("%-20s %s\n", what, with_commas(number).c_str());
}

void print(const VerifyReport& report) {
  std::printf("%-20s %s\n", "kind", report.backup ? "backup" : "store");
  print("sequence", report.sequence);
  print("tables", report.tables);
  print("table bytes", report.table_bytes);
  print("names", report.names);
  print("meta entries", report.meta);
  print("journal records", report.journal_records);
  print("journal events", report.journal_events);
  print("chunks", report.chunks);
  print("chunk events", report.events);
  print("cells", report.cells);
  print("sketches", report.sketches);
  print("documents", report.documents);
  print("request keys", report.seen);
  print("days recomputed", report.days_recomputed);
  print("cells recomputed", report.cells_recomputed);
  print("damages", report.damages_found);
}

// Where a table's footer, which has no checksum, is damaged RocksDB may end the process: by an
// assertion, or by reading what is not there.
void on_crash(int) {
  constexpr std::string_view kText =
      "kpi-admin: damage: a table that RocksDB cannot read: it gave up\n";
  (void)!::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(static_cast<int>(ExitCode::kQueryError));
}

ExitCode run(const std::string& dir, bool quiet) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS}) std::signal(signal, on_crash);
  const Interruption interruption;
  const Result<VerifyReport> verified = verify_store(dir, interruption.token());
  if (!verified.ok()) return report_failure(verified.error());
  const VerifyReport& report = verified.value();
  if (!quiet) print(report);
  for (const std::string& damage : report.damages) {
    std::fprintf(stderr, "kpi-admin: damage: %s\n", damage.c_str());
  }
  if (report.damages_found > report.damages.size()) {
    std::fprintf(stderr, "kpi-admin: and %s more\n",
                 with_commas(report.damages_found - report.damages.size()).c_str());
  }
  return report.damages_found == 0 ? ExitCode::kOk : ExitCode::kQueryError;
}

}  // namespace

void add_verify_command(CLI::App& app, ExitCode& exit) {
  const auto dir = std::make_shared<std::string>();
  const auto quiet = std::make_shared<bool>(false);
  CLI::App* const command = app.add_subcommand("verify", kDescription);
  command->add_option("--data-dir", *dir, "Directory of the store, or of a backup")
      ->envname("KPI_DATA_DIR")
      ->required();
  command->add_flag("--quiet", *quiet, "Damage only");
  command->callback([dir, quiet, &exit] { exit = run(*dir, *quiet); });
}

}  // namespace kpi::tools
