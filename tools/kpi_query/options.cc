#include "tools/kpi_query/options.h"

#include <CLI/CLI.hpp>
#include <map>

namespace kpi::tools {
namespace {

constexpr const char* kDescription =
    R"(kpi-query - ask a kpistore how sign-in is doing.

Examples:
  kpi-query "SELECT rp, success_rate() FROM events GROUP BY rp ORDER BY 2 LIMIT 10"
  kpi-query --plot "SELECT time_bucket('1 hour', time) AS t, p50(turnaround_time),
      p95(turnaround_time) FROM events WHERE time >= now() - interval '7 days' GROUP BY t ORDER BY t"
  kpi-query --format csv --file report.sql > report.csv
  kpi-query --data-dir /var/lib/kpistore "SHOW RPS"     read a store without a server
  kpi-query                                             interactive, \? for help

Data goes to standard output, messages to standard error. On a terminal the format is table,
otherwise TSV. Without statements, and with standard input no terminal, it is read for them.

Exit codes: 0 ok, 1 query error, 2 usage, 3 cannot connect or timeout, 4 authentication,
5 incomplete answer, 130 interrupted.)";

constexpr const char* kFooter = R"(
Environment: PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD, PGSSLMODE and PGPASSFILE as for
psql; NO_COLOR. Flags win. When nothing names a server: 127.0.0.1, port 5433 (in a socket
directory: 5432).)";

const std::map<std::string, ColorMode> kColors = {
    {"auto", ColorMode::kAuto}, {"always", ColorMode::kAlways}, {"never", ColorMode::kNever}};
constexpr double kTimeoutSecondsMax = 86'400;

void add_options(CLI::App& app, Options& options, std::string& format, std::string& color,
                 double& timeout_s) {
  app.add_option("statement", options.statements, "Statements; several are separated by ';'");
  auto* file = app.add_option("-f,--file", options.file,
                              "Read statements from FILE; - is standard "
                              "input");
  file->type_name("FILE")->excludes(app.get_option("statement"));
  const auto text = [&](const char* name, std::string& value, const char* help,
                        const char* type_name) {
    return app.add_option(name, value, help)->type_name(type_name);
  };
  auto* host = text("-h,--host", options.host, "Server, or directory of its Unix socket", "HOST");
  auto* port = text("-p,--port", options.port, "Port of the query socket", "PORT");
  text("-U,--username", options.user, "Log in as", "NAME")->group("Connection");
  text("-d,--dbname", options.database, "Database; servers here have just one", "NAME")
      ->group("Connection");
  auto* dir = text("--data-dir", options.data_dir,
                   "No server: read this directory, as it is now (read-only)", "DIR");
  host->group("Connection");
  port->group("Connection");
  dir->group("Connection")->excludes(host)->excludes(port);
  app.add_option("--timeout", timeout_s, "Give up after so long a statement; 0: never")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, kTimeoutSecondsMax))
      ->group("Connection");
  app.add_option("--format", format, "table, csv, tsv, json or ndjson")
      ->check(CLI::IsMember({"table", "csv", "tsv", "json", "ndjson"}))
      ->type_name("FORMAT")
      ->group("Output");
  app.add_flag("--plot", options.plot, "Draw a chart: lines over a time, bars over a text column")
      ->group("Output");
  app.add_flag_callback(
         "--no-header", [&options] { options.header = false; }, "No column names and no row count")
      ->group("Output");
  app.add_option("--null", options.null_text, "How NULL reads in table, CSV and TSV")
      ->type_name("TEXT")
      ->group("Output");
  app.add_option("--color", color, "auto, always or never: messages in colour")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN")
      ->group("Output");
  app.add_flag("--ascii", options.ascii, "Tables and charts without Unicode characters")
      ->group("Output");
  app.add_flag("--fail-on-empty", options.fail_on_empty, "Exit with 1 when an answer has no rows")
      ->group("Output");
}

}  // namespace

std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv) {
  Options options;
  std::string format, color = "auto";
  double timeout_s = 0;
  CLI::App app(kDescription, "kpi-query");
  app.footer(kFooter);
  app.set_help_flag("--help", "Print this and exit");
  app.set_version_flag("--version", "kpi-query " KPI_VERSION);
  add_options(app, options, format, color, timeout_s);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::kOk : ExitCode::kUsage;
  }
  if (!format.empty()) options.format = query::parse_format(format);
  options.color = kColors.at(color);
  options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout_s * 1000));
  return options;
}

}  // namespace kpi::tools
