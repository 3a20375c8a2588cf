// The one table of options: flags, environment variables, keys of the configuration file, --help
// and --print-config are all made from its rows.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kpi/result.h"
#include "server/operate/options.h"

namespace kpi::server {

enum class OptionKind : std::uint8_t { kText, kList, kChoice, kFlag, kCount, kBytes, kDuration };

struct OptionRow {
  std::string_view group;  // Heading in --help.
  std::string_view name;  // `header-timeout`: --header-timeout, KPI_HEADER_TIMEOUT, header-timeout.
  OptionKind kind;
  std::variant<std::string ServerOptions::*, std::vector<std::string> ServerOptions::*,
               std::uint64_t ServerOptions::*, bool ServerOptions::*>
      field;
  std::string_view help;
  std::uint64_t min = 0, max = 0;  // kCount as it is, kBytes in bytes, kDuration in ms.
  std::string_view choices = {};   // kChoice: `a|b|c`.
};

std::span<const OptionRow> option_table();
const OptionRow* find_option(std::string_view name);  // nullptr: none.
std::string environment_name(const OptionRow& row);   // KPI_HEADER_TIMEOUT
std::string placeholder(const OptionRow& row);        // What --help shows for a value: SIZE, ...

// Sets the field of `row`. kInvalidArgument names the option, the text and what was expected.
// A list takes all of `texts`; everything else exactly one.
Status set_option(ServerOptions& options, const OptionRow& row, std::span<const std::string> texts);
// The value as set_option() reads it, in the largest unit that is exact: `64MiB`, `10s`.
// Lists are joined by a blank.
std::string option_text(const ServerOptions& options, const OptionRow& row);

}  // namespace kpi::server
