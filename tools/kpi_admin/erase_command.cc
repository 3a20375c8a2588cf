#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>

#include "kpi/erase.h"
#include "tools/kpi_admin/archive/progress.h"
#include "tools/kpi_admin/command.h"
#include "tools/kpi_admin/day_option.h"
#include "tools/kpi_admin/interruption.h"
#include "tools/kpi_admin/messages.h"

namespace kpi::tools {
namespace {

constexpr const char* kDescription =
    R"(Erase an RP, or one client of it, from a store: its events, figures, documents and names. The server
must be stopped. The store is written anew without it, searched byte by byte for the erased names, and
put in the old one's place: all or nothing. It needs as much disk again meanwhile.

What stays answers as if the erased events had never come; figures over all RPs are made anew. Nothing
ties a BrowserID record to its event but the moment: records of the very moment of an erased event go,
also those of other RPs. Backups and archives keep what they have until they are removed, and importing
one brings it back. The blocks of the old files are given back to the file system, not overwritten.

Examples:
  kpi-admin erase --data-dir /var/lib/kpistore --rp https://rp.example --dry-run
  kpi-admin erase --data-dir /var/lib/kpistore --rp https://rp.example --client app --before 2026-01-01 --yes
)";

struct Wish {
  EraseRequest request;
  std::string client, before;
  bool yes = false;
};

void print_counts(const EraseReport& report, const char* verb) {
  std::printf("%s: %s events; of aged days %s figures, which told of %s events; %s documents\n",
              verb, with_commas(report.events).c_str(), with_commas(report.cells).c_str(),
              with_commas(report.aged_events).c_str(), with_commas(report.documents).c_str());
}

void print_proof(const EraseReport& report) {
  const std::uint64_t searched = report.names.size() - report.names_not_searched;
  if (searched == 0) {
    std::printf("no RP or client is without events now that a search could look for\n");
  } else {
    std::printf("searched for %s names: no occurrence in %s files (%s bytes), %s stored values\n",
                with_commas(searched).c_str(), with_commas(report.files_searched).c_str(),
                with_commas(report.bytes_searched).c_str(),
                with_commas(report.values_searched).c_str());
  }
  if (report.names_not_searched > 0) {
    std::printf("not searched for: %s names that are short or many; the list of names has none\n",
                with_commas(report.names_not_searched).c_str());
  }
  std::printf("backups and archives made before keep it until they are removed\n");
}

// Typed in full, so that no stray key erases anything.
Status confirm(const Wish& wish) {
  if (wish.yes) return ok_status();
  if (::isatty(STDIN_FILENO) == 0) {
    return Error{ErrorCode::kInvalidArgument, "this cannot be undone", "say --yes, or --dry-run"};
  }
  std::fprintf(stderr, "This cannot be undone. Type the RP to go on: ");
  std::string line;
  std::getline(std::cin, line);
  if (line == wish.request.rp) return ok_status();
  return Error{ErrorCode::kInvalidArgument, "that is not the RP; nothing was changed"};
}

ExitCode run(Wish wish, bool has_client) {
  const Interruption interruption;
  wish.request.stop = interruption.token();
  if (has_client) wish.request.client = wish.client;
  if (!wish.before.empty()) {
    const Result<std::int64_t> before = parse_day(wish.before);
    if (!before.ok()) return report_failure(before.error());
    wish.request.before_ms = before.value();
  }
  if (!wish.request.dry_run) {
    if (Status sure = confirm(wish); !sure.ok()) return report_failure(sure.error());
  }
  const Result<EraseReport> report = erase(wish.request);
  if (!report.ok()) return report_failure(report.error());
  print_counts(report.value(), wish.request.dry_run ? "would be erased" : "erased");
  if (!wish.request.dry_run) print_proof(report.value());
  return ExitCode::kOk;
}

}  // namespace

void add_erase_command(CLI::App& app, ExitCode& exit) {
  const auto wish = std::make_shared<Wish>();
  CLI::App* const command = app.add_subcommand("erase", kDescription);
  command->add_option("--data-dir", wish->request.dir, "Directory of the store")
      ->envname("KPI_DATA_DIR")
      ->required();
  command->add_option("--rp", wish->request.rp, "Its origin, as SHOW RPS has it; '' for none")
      ->required();
  auto* client = command->add_option("--client", wish->client, "Only this client of it");
  command->add_option("--before", wish->before, "Only what is older: YYYY-MM-DD, UTC");
  command->add_flag("--dry-run", wish->request.dry_run, "Count only; also beside a server");
  command->add_flag("--yes", wish->yes, "Do not ask");
  command->callback([wish, client, &exit] { exit = run(*wish, client->count() > 0); });
}

}  // namespace kpi::tools
