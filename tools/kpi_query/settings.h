// Settings that stand outside the command line: environment variables and configuration files.
#pragma once
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/result.h"

namespace kpi::tools {

// An option that need not stand on the command line.
struct SettingRow {
  std::string_view name;         // As on the command line, without the dashes.
  bool flag = false;             // Takes true or false, and stands alone on the command line.
  std::string_view environment;  // Empty: none.
  std::string_view libpq = {};   // A variable of libpq's that says the same; it is left to libpq.
};
std::span<const SettingRow> setting_table();

struct Setting {
  std::string name, value;
  std::string origin;  // A variable, or the path of a file.
};

using Environment = std::function<const char*(const char* name)>;

// The files that may have settings, the strongest first: ~/.config/kpi/query.toml (or below
// $XDG_CONFIG_HOME), /etc/kpi/query.toml.
std::vector<std::filesystem::path> setting_files(const Environment& environment);

// The strongest value of each setting that has one: environment, then `files` in their order. A
// file that does not exist has none. A connection has either data-dir or a server's address, from
// whichever source is stronger. kInvalidArgument: a key that is not known; kIo: a file that cannot
// be read.
Result<std::vector<Setting>> read_settings(const Environment& environment,
                                           const std::vector<std::filesystem::path>& files);

}  // namespace kpi::tools
