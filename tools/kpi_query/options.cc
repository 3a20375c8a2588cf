#include "tools/kpi_query/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <map>

#include "tools/kpi_query/settings.h"

namespace kpi::tools {
namespace {

constexpr const char* kDescription =
    R"(kpi-query - ask a kpistore how sign-in is doing.

Examples:
  kpi-query "SELECT rp, success_rate() FROM events GROUP BY rp ORDER BY 2 LIMIT 10"
  kpi-query --plot "SELECT time_bucket('1 hour', time) AS t, p50(turnaround_time),
      p95(turnaround_time) FROM events WHERE time >= now() - interval '7 days' GROUP BY t ORDER BY t"
  kpi-query --format csv --file report.sql > report.csv
  kpi-query --follow "rp = 'https://rp.example'"        events as they are accepted
  kpi-query --data-dir /var/lib/kpistore "SHOW RPS"     read a store without a server
  kpi-query                                             interactive, \? for help

Data goes to standard output, messages to standard error. On a terminal the format is table,
otherwise TSV. Without statements, and with standard input no terminal, it is read for them.

Exit codes: 0 ok, 1 query error, 2 usage, 3 cannot connect or timeout, 4 authentication,
5 incomplete answer, 130 interrupted.)";

constexpr const char* kFooter = R"(
Flags win over the environment (KPI_FORMAT, KPI_HOST, ...; PGHOST, PGPORT, PGUSER, PGDATABASE,
PGPASSWORD, PGSSLMODE and PGPASSFILE as for psql), that over ~/.config/kpi/query.toml, that over
/etc/kpi/query.toml. When nothing names a server: 127.0.0.1, port 5433 (in a socket directory:
5432). See kpi-query(1).)";

const std::map<std::string, ColorMode> kColors = {
    {"auto", ColorMode::kAuto}, {"always", ColorMode::kAlways}, {"never", ColorMode::kNever}};
const std::map<std::string, Expanded> kExpanded = {
    {"on", Expanded::kOn}, {"off", Expanded::kOff}, {"auto", Expanded::kAuto}};
constexpr double kTimeoutSecondsMax = 86'400;

// What CLI11 fills in, before it has types.
struct Texts {
  std::string format, time, color = "auto", expanded = "auto";
  double timeout_s = 0;
  bool print_config = false;
};

void add_statement_options(CLI::App& app, Options& options) {
  app.add_option("statement", options.statements, "Statements; several are separated by ';'");
  app.add_option("--file", options.file, "Read statements from FILE; - is standard input")
      ->type_name("FILE")
      ->excludes(app.get_option("statement"));
  app.add_flag("--follow", options.follow,
               "Print events as they are accepted; the statement is a condition on them")
      ->excludes(app.get_option("--file"));
}

void add_connection_options(CLI::App& app, Options& options, Texts& texts) {
  const auto text = [&](const char* name, std::string& value, const char* type, const char* help) {
    return app.add_option(name, value, help)->type_name(type)->group("Connection");
  };
  auto* host = text("-h,--host", options.host, "HOST", "Server, or directory of its Unix socket");
  auto* port = text("-p,--port", options.port, "PORT", "Port of the query socket");
  text("-U,--username", options.user, "NAME", "Log in as");
  text("-d,--dbname", options.database, "NAME", "Database; servers here have just one");
  text("--data-dir", options.data_dir, "DIR",
       "No server: read this directory, as it is now (read-only)")
      ->excludes(host)
      ->excludes(port);
  app.add_option("--timeout", texts.timeout_s, "Give up after so long a statement; 0: never")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, kTimeoutSecondsMax))
      ->group("Connection");
}

void add_output_options(CLI::App& app, Options& options, Texts& texts) {
  const auto choice = [&](const char* name, std::string& value, std::vector<std::string> choices,
                          const char* type, const char* help) {
    app.add_option(name, value, help)
        ->check(CLI::IsMember(std::move(choices)))
        ->type_name(type)
        ->group("Output");
  };
  const auto flag = [&](const char* name, bool& value, const char* help) {
    return app.add_flag(name, value, help)->group("Output");
  };
  const auto off = [&](const char* name, bool& value, const char* help) {
    app.add_flag_callback(
           name, [&value] { value = false; }, help)
        ->group("Output");
  };
  choice("-f,--format", texts.format, {"table", "csv", "tsv", "json", "ndjson", "markdown"},
         "FORMAT", "table, csv, tsv, json, ndjson or markdown");
  flag("--plot", options.plot,
       "Draw a chart: lines or a heat-map over a time, bars over a text column");
  flag("--spark", options.spark, "A line for each series: its course in small, last, min, max")
      ->excludes(app.get_option("--plot"));
  choice("-x,--expanded", texts.expanded, {"on", "off", "auto"}, "WHEN",
         "on, off or auto: tables with a line for each value; auto, the default: where a table "
         "does not fit the terminal");
  off("--no-header", options.header, "No column names and no row count");
  app.add_option("--null", options.null_text, "How NULL reads in table, CSV, TSV and Markdown")
      ->type_name("TEXT")
      ->group("Output");
  choice("--time", texts.time, {"rfc3339", "unix", "local"}, "FORM",
         "rfc3339, unix or local: how timestamps read");
  choice("--color", texts.color, {"auto", "always", "never"}, "WHEN",
         "auto, always or never: colours in tables and messages");
  flag("--ascii", options.ascii, "Tables and charts without Unicode characters");
  off("--no-pager", options.pager, "Long results at a terminal without $PAGER");
  flag("--fail-on-empty", options.fail_on_empty, "Exit with 1 when an answer has no rows");
}

// One command line's worth of parsing; CLI11 keeps references, so it lives no longer than that.
struct Parser {
  Options options;
  Texts texts;
  CLI::App app{kDescription, "kpi-query"};

  Parser() {
    app.footer(kFooter);
    app.set_help_flag("--help", "Print this and exit");
    app.set_version_flag("--version", "kpi-query " KPI_VERSION);
    app.add_flag("--print-config", texts.print_config,
                 "Print every setting, its value and where it comes from, and exit");
    add_statement_options(app, options);
    add_connection_options(app, options, texts);
    add_output_options(app, options, texts);
  }
  // How to end, where there is nothing to go on with.
  std::optional<ExitCode> parse(std::vector<std::string> arguments, const std::string& origin) {
    std::reverse(arguments.begin(), arguments.end());  // As CLI11 wants them.
    try {
      app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      if (!origin.empty()) std::cerr << "kpi-query: " << origin << ": ";
      return app.exit(error) == 0 ? ExitCode::kOk : ExitCode::kUsage;
    }
    return std::nullopt;
  }
  Options take() {
    if (!texts.format.empty()) options.format = query::parse_format(texts.format);
    if (!texts.time.empty()) options.time = *query::parse_time_form(texts.time);
    options.color = kColors.at(texts.color);
    options.expanded = kExpanded.at(texts.expanded);
    options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(texts.timeout_s * 1000));
    return std::move(options);
  }
  bool given(std::string_view name) const {
    return app.get_option("--" + std::string(name))->count() != 0;
  }
};

ExitCode usage(const Error& error) {
  std::cerr << "kpi-query: " << error.message << '\n';
  if (!error.hint.empty()) std::cerr << error.hint << '\n';
  return ExitCode::kUsage;
}

std::string argument_of(const Setting& setting) {
  const auto rows = setting_table();
  const bool flag = std::any_of(rows.begin(), rows.end(), [&](const SettingRow& row) {
    return row.flag && row.name == setting.name;
  });
  // A flag's value is checked by CLI11 as that of any other option.
  return "--" + setting.name + (flag && setting.value == "true" ? "" : "=" + setting.value);
}

bool is_off(const Setting& setting) {
  const auto rows = setting_table();
  const bool flag = std::any_of(rows.begin(), rows.end(), [&](const SettingRow& row) {
    return row.flag && row.name == setting.name;
  });
  return flag && (setting.value == "false" || setting.value == "0");
}

// Settings that the command line does not overrule.
std::vector<Setting> applicable(const std::vector<Setting>& settings, const Parser& flags) {
  std::vector<Setting> rest;
  const bool server = flags.given("host") || flags.given("port");
  const bool looks = flags.given("plot") || flags.given("spark");
  for (const Setting& setting : settings) {
    const bool address = setting.name == "host" || setting.name == "port";
    const bool look = setting.name == "plot" || setting.name == "spark";
    if (flags.given(setting.name) || (look && looks)) continue;
    if ((address && flags.given("data-dir")) || (setting.name == "data-dir" && server)) continue;
    rest.push_back(setting);
  }
  return rest;
}

void print_config(const Parser& flags, const Parser& all, const std::vector<Setting>& settings) {
  for (const SettingRow& row : setting_table()) {
    const std::string name(row.name);
    std::string value, origin = "default";
    const auto setting = std::find_if(settings.begin(), settings.end(),
                                      [&](const Setting& s) { return s.name == name; });
    const char* const libpq = row.libpq.empty() ? nullptr : std::getenv(row.libpq.data());
    if (flags.given(name)) {
      origin = "command line";
      value = row.flag ? "true" : all.app.get_option("--" + name)->results().back();
    } else if (setting != settings.end()) {
      origin = setting->origin;
      value = setting->value;
    } else if (libpq != nullptr && *libpq != '\0') {
      origin = row.libpq;
      value = libpq;
    } else {
      std::cout << "# " << name << " is not set\n";
      continue;
    }
    const std::string quote = row.flag ? "" : "\"";
    std::cout << name << " = " << quote << value << quote << "  # " << origin << '\n';
  }
}

// What excludes what, beyond what CLI11 knows.
std::optional<ExitCode> check(const Options& options) {
  if (!options.follow) return std::nullopt;
  if (!options.data_dir.empty()) {
    return usage({ErrorCode::kInvalidArgument,
                  "--follow needs a server: a data directory is read as it is now"});
  }
  if (options.statements.size() > 1) {
    return usage({ErrorCode::kInvalidArgument, "--follow takes one condition",
                  "quote it as a whole: --follow \"rp = 'https://rp.example'\""});
  }
  return std::nullopt;
}

}  // namespace

std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv) {
  const std::vector<std::string> command_line(argv + 1, argv + argc);
  Parser flags;
  if (const auto end = flags.parse(command_line, "")) return *end;
  const Environment environment = [](const char* name) { return std::getenv(name); };
  const auto read = read_settings(environment, setting_files(environment));
  if (!read.ok()) return usage(read.error());
  const std::vector<Setting> settings = applicable(read.value(), flags);
  std::vector<std::string> arguments;
  for (const Setting& setting : settings) {
    if (is_off(setting)) continue;
    arguments.push_back(argument_of(setting));
    if (const auto end = Parser().parse({arguments.back()}, setting.origin)) return *end;
  }
  arguments.insert(arguments.end(), command_line.begin(), command_line.end());
  Parser all;
  if (const auto end = all.parse(std::move(arguments), "")) return *end;
  if (all.texts.print_config) {
    print_config(flags, all, settings);
    return ExitCode::kOk;
  }
  Options options = all.take();
  if (const auto end = check(options)) return *end;
  return options;
}

}  // namespace kpi::tools
