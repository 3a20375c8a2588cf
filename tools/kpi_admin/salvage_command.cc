#include <cstdio>
#include <memory>
#include <string>

#include "kpi/salvage.h"
#include "tools/kpi_admin/archive/progress.h"
#include "tools/kpi_admin/command.h"
#include "tools/kpi_admin/interruption.h"
#include "tools/kpi_admin/messages.h"

namespace kpi::tools {
namespace {

constexpr const char* kDescription =
    R"(Make a new store out of what can still be read of a damaged one, for when it does not open and there
is no backup. The damaged store is never written to. What is lost is told, a line each: sequences,
days, chunks, names. Exit code 5 if anything is. The new store was verified.

Examples:
  kpi-admin salvage --data-dir /var/lib/kpistore --out /var/lib/kpistore-salvaged
)";

const char* to_text(SalvageReport::Opened opened) {
  switch (opened) {
    case SalvageReport::Opened::kWhole:
      return "whole";
    case SalvageReport::Opened::kLogCut:
      return "up to the damage in its log";
    case SalvageReport::Opened::kListRebuilt:
      return "with a new list of its files";
  }
  return "";
}

ExitCode run(const std::string& dir, const std::string& out) {
  const Interruption interruption;
  const Result<SalvageReport> salvaged = salvage_store(dir, out, interruption.token());
  if (!salvaged.ok()) return report_failure(salvaged.error());
  const SalvageReport& report = salvaged.value();
  std::printf("read    %s\n", to_text(report.opened));
  if (!report.reason.empty()) std::printf("reason  %s\n", report.reason.c_str());
  std::printf("kept    %s events in %s chunks, %s events in the journal up to sequence %s\n",
              with_commas(report.events).c_str(), with_commas(report.chunks).c_str(),
              with_commas(report.journal_events).c_str(), with_commas(report.sequence).c_str());
  std::printf("kept    %s cells, %s documents, %s request keys\n",
              with_commas(report.cells).c_str(), with_commas(report.documents).c_str(),
              with_commas(report.seen).c_str());
  for (const std::string& loss : report.losses) std::printf("lost    %s\n", loss.c_str());
  if (report.losses_found > report.losses.size()) {
    std::printf("lost    and %s more\n",
                with_commas(report.losses_found - report.losses.size()).c_str());
  }
  return report.losses_found == 0 ? ExitCode::kOk : ExitCode::kIncomplete;
}

}  // namespace

void add_salvage_command(CLI::App& app, ExitCode& exit) {
  const auto dir = std::make_shared<std::string>();
  const auto out = std::make_shared<std::string>();
  CLI::App* const command = app.add_subcommand("salvage", kDescription);
  command->add_option("--data-dir", *dir, "Directory of the damaged store")
      ->envname("KPI_DATA_DIR")
      ->required();
  command->add_option("--out", *out, "Directory of the new store; absent or empty")->required();
  command->callback([dir, out, &exit] { exit = run(*dir, *out); });
}

}  // namespace kpi::tools
