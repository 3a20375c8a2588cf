#include <cstdio>
#include <memory>

#include "kpi/engine.h"
#include "kpi/retention.h"
#include "tools/kpi_admin/archive/progress.h"
#include "tools/kpi_admin/command.h"
#include "tools/kpi_admin/day_option.h"
#include "tools/kpi_admin/messages.h"

namespace kpi::tools {
namespace {

constexpr const char* kDescription =
    R"(What has aged out of a store. A server drops it by itself every hour; give the same days here as
the server has.

Examples:
  kpi-admin retention show --data-dir /var/lib/kpistore --retention-raw-days 14
  kpi-admin retention apply --data-dir /var/lib/kpistore --retention-raw-days 14
)";
constexpr int kDaysMax = 36'500;

const char* name_of(AgingDay::Kind kind) {
  switch (kind) {
    case AgingDay::Kind::kRaw:
      return "raw";
    case AgingDay::Kind::kMinute:
      return "minute";
    case AgingDay::Kind::kHour:
      return "hour";
    case AgingDay::Kind::kDay:
      return "day";
  }
  return "";
}

ExitCode show(const EngineOptions& options) {
  const Result<std::vector<AgingDay>> days = aging_days(options);
  if (!days.ok()) return report_failure(days.error());
  std::uint64_t bytes = 0;
  if (!days.value().empty())
    std::printf("%-7s %-10s %12s %15s\n", "kind", "day", "values", "bytes");
  for (const AgingDay& day : days.value()) {
    bytes += day.bytes;
    std::printf("%-7s %-10s %12s %15s\n", name_of(day.kind), day_text(day.day_ms).c_str(),
                with_commas(day.values).c_str(), with_commas(day.bytes).c_str());
  }
  std::printf("%s bytes would go\n", with_commas(bytes).c_str());
  return ExitCode::kOk;
}

Status drop(const EngineOptions& options) {
  const Result<std::unique_ptr<Engine>> engine = Engine::open(options);
  if (!engine.ok()) return engine.error();
  if (Status applied = engine.value()->apply_retention(); !applied.ok()) return applied;
  return engine.value()->close();
}

ExitCode apply(const EngineOptions& options, bool dry_run) {
  const ExitCode shown = show(options);
  if (dry_run || shown != ExitCode::kOk) return shown;
  if (Status dropped = drop(options); !dropped.ok()) return report_failure(dropped.error());
  std::printf("done\n");
  return ExitCode::kOk;
}

void add_options(CLI::App* command, EngineOptions* options) {
  command->add_option("--data-dir", options->dir, "Directory of the store")
      ->envname("KPI_DATA_DIR")
      ->required();
  const CLI::Range days(0, kDaysMax);
  const auto add = [&](const char* flag, int* value, const char* environment, const char* what) {
    command->add_option(flag, *value, what)
        ->envname(environment)
        ->check(days)
        ->capture_default_str();
  };
  add("--retention-raw-days", &options->retention_raw_days, "KPI_RETENTION_RAW_DAYS",
      "Days that raw events are kept; 0: for ever");
  add("--retention-minute-days", &options->retention_minute_days, "KPI_RETENTION_MINUTE_DAYS",
      "Days that 1-minute figures are kept; 0: for ever");
  add("--retention-hour-days", &options->retention_hour_days, "KPI_RETENTION_HOUR_DAYS",
      "Days that 1-hour figures are kept; 0: for ever");
  add("--retention-day-days", &options->retention_day_days, "KPI_RETENTION_DAY_DAYS",
      "Days that 1-day figures are kept; 0: for ever");
}

}  // namespace

void add_retention_command(CLI::App& app, ExitCode& exit) {
  const auto options = std::make_shared<EngineOptions>();
  const auto dry_run = std::make_shared<bool>(false);
  options->create_if_missing = false;
  options->dedup_window_ms = kRequestKeysAllMs;
  options->dedup_entries_max = kRequestKeysAll;
  CLI::App* const command = app.add_subcommand("retention", kDescription);
  command->require_subcommand(1);
  CLI::App* const shown =
      command->add_subcommand("show", "What would go, by kind and day; also beside a server");
  add_options(shown, options.get());
  shown->callback([options, &exit] { exit = show(*options); });
  CLI::App* const applied =
      command->add_subcommand("apply", "Drop it now; the server must be stopped");
  add_options(applied, options.get());
  applied->add_flag("--dry-run", *dry_run, "As show");
  applied->callback([options, dry_run, &exit] { exit = apply(*options, *dry_run); });
}

}  // namespace kpi::tools
