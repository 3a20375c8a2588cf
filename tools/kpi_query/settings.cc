#include "tools/kpi_query/settings.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fstream>

namespace kpi::tools {
namespace {

// No variable for data-dir: KPI_DATA_DIR is kpi-server's, and would turn every question of a shell
// that starts servers away from them.
constexpr std::array<SettingRow, 17> kTable = {{{"host", false, "KPI_HOST", "PGHOST"},
                                                {"port", false, "KPI_PORT", "PGPORT"},
                                                {"username", false, "KPI_USERNAME", "PGUSER"},
                                                {"dbname", false, "KPI_DBNAME", "PGDATABASE"},
                                                {"data-dir", false, ""},
                                                {"timeout", false, "KPI_TIMEOUT"},
                                                {"format", false, "KPI_FORMAT"},
                                                {"plot", true, "KPI_PLOT"},
                                                {"spark", true, "KPI_SPARK"},
                                                {"expanded", false, "KPI_EXPANDED"},
                                                {"no-header", true, "KPI_NO_HEADER"},
                                                {"null", false, "KPI_NULL"},
                                                {"time", false, "KPI_TIME"},
                                                {"color", false, "KPI_COLOR"},
                                                {"ascii", true, "KPI_ASCII"},
                                                {"no-pager", true, "KPI_NO_PAGER"},
                                                {"fail-on-empty", true, "KPI_FAIL_ON_EMPTY"}}};

using Settings = std::vector<Setting>;

bool has(const Settings& settings, std::string_view name) {
  return std::any_of(settings.begin(), settings.end(),
                     [&](const Setting& setting) { return setting.name == name; });
}

std::string known_keys() {
  std::string keys;
  for (const SettingRow& row : kTable) keys += (keys.empty() ? "" : ", ") + std::string(row.name);
  return keys;
}

const char* value_of(const Environment& environment, std::string_view name) {
  if (name.empty()) return nullptr;
  const char* const value = environment(std::string(name).c_str());
  return value == nullptr || *value == '\0' ? nullptr : value;
}

// The settings of one file, as they stand in it.
Result<Settings> read_file(const std::filesystem::path& path) {
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return Settings{};
  std::ifstream stream(path);
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(stream);
  } catch (const CLI::Error& error) {
    return Error{ErrorCode::kInvalidArgument, path.string() + ": " + error.what()};
  }
  if (!stream.eof()) return Error{ErrorCode::kIo, path.string() + " cannot be read"};
  Settings settings;
  for (const CLI::ConfigItem& item : items) {
    if (!item.parents.empty()) {
      return Error{
          ErrorCode::kInvalidArgument,
          path.string() + ": settings stand in no section, not in [" + item.parents[0] + "]"};
    }
    const bool known = std::any_of(kTable.begin(), kTable.end(),
                                   [&](const SettingRow& row) { return row.name == item.name; });
    if (!known || item.inputs.size() != 1) {
      return Error{ErrorCode::kInvalidArgument,
                   path.string() + ": '" + item.fullname() + "' is no setting with one value",
                   "known are " + known_keys()};
    }
    settings.push_back({item.name, item.inputs[0], path.string()});
  }
  return settings;
}

// Adds what `settings` lack; where they say whom to ask, nothing of `weaker` does.
void add_weaker(Settings& settings, const Settings& weaker, bool server_known) {
  const bool server = server_known || has(settings, "host") || has(settings, "port");
  const bool directory = has(settings, "data-dir");
  for (const Setting& setting : weaker) {
    const bool address = setting.name == "host" || setting.name == "port";
    if ((address && directory) || (setting.name == "data-dir" && server)) continue;
    if (!has(settings, setting.name)) settings.push_back(setting);
  }
}

}  // namespace

std::span<const SettingRow> setting_table() { return kTable; }

std::vector<std::filesystem::path> setting_files(const Environment& environment) {
  std::vector<std::filesystem::path> files;
  const char* const config = value_of(environment, "XDG_CONFIG_HOME");
  const char* const home = value_of(environment, "HOME");
  if (config != nullptr && *config == '/') {
    files.emplace_back(std::filesystem::path(config) / "kpi" / "query.toml");
  } else if (home != nullptr && *home == '/') {
    files.emplace_back(std::filesystem::path(home) / ".config" / "kpi" / "query.toml");
  }
  files.emplace_back("/etc/kpi/query.toml");
  return files;
}

Result<std::vector<Setting>> read_settings(const Environment& environment,
                                           const std::vector<std::filesystem::path>& files) {
  Settings settings;
  std::vector<std::string_view> left_to_libpq;
  for (const SettingRow& row : kTable) {
    if (const char* const value = value_of(environment, row.environment)) {
      settings.push_back({std::string(row.name), value, std::string(row.environment)});
    } else if (value_of(environment, row.libpq) != nullptr) {
      left_to_libpq.push_back(row.name);
    }
  }
  const auto by_libpq = [&](const Setting& setting) {
    return std::find(left_to_libpq.begin(), left_to_libpq.end(), setting.name) !=
           left_to_libpq.end();
  };
  const bool server_known =
      std::any_of(left_to_libpq.begin(), left_to_libpq.end(),
                  [](std::string_view name) { return name == "host" || name == "port"; });
  for (const std::filesystem::path& path : files) {
    Result<Settings> read = read_file(path);
    if (!read.ok()) return read;
    Settings weaker = std::move(read).value();
    weaker.erase(std::remove_if(weaker.begin(), weaker.end(), by_libpq), weaker.end());
    add_weaker(settings, weaker, server_known);
  }
  return settings;
}

}  // namespace kpi::tools
