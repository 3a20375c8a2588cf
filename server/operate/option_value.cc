// Texts to values and back: the units of sizes and times.
#include <algorithm>
#include <charconv>

#include "server/operate/option_table.h"

namespace kpi::server {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// Largest first: option_text() takes the first that divides.
constexpr Unit kByteUnits[] = {
    {"GiB", 1U << 30}, {"MiB", 1U << 20},      {"KiB", 1U << 10},  {"G", 1U << 30}, {"M", 1U << 20},
    {"K", 1U << 10},   {"GB", 1'000'000'000U}, {"MB", 1'000'000U}, {"kB", 1'000U},  {"B", 1}};
constexpr Unit kTimeUnits[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

std::span<const Unit> units_of(OptionKind kind) {
  if (kind == OptionKind::kBytes) return kByteUnits;
  if (kind == OptionKind::kDuration) return kTimeUnits;
  return {};
}

std::string number_text(std::uint64_t value, OptionKind kind) {
  if (value == 0) return kind == OptionKind::kDuration ? "0s" : "0";
  for (const Unit& unit : units_of(kind)) {
    if (value % unit.factor == 0 && unit.factor > 1) {
      return std::to_string(value / unit.factor) + std::string(unit.name);
    }
  }
  return std::to_string(value) + (kind == OptionKind::kDuration ? "ms" : "");
}

Error wrong(const OptionRow& row, std::string_view text, const std::string& expected) {
  return Error{ErrorCode::kInvalidArgument, "option " + std::string(row.name) + ": '" +
                                                std::string(text) + "' is not " + expected};
}

// A bare number is bytes; a time must name its unit, so that nobody mixes up s and ms.
bool parse_number(std::string_view text, OptionKind kind, std::uint64_t& value) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr == text.data()) return false;
  const std::string_view suffix(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
  if (suffix.empty()) return kind != OptionKind::kDuration || value == 0;
  for (const Unit& unit : units_of(kind)) {
    if (unit.name != suffix) continue;
    if (value > UINT64_MAX / unit.factor) return false;
    value *= unit.factor;
    return true;
  }
  return false;
}

Status set_number(ServerOptions& options, const OptionRow& row, const std::string& text) {
  std::uint64_t value = 0;
  const bool parsed = parse_number(text, row.kind, value);
  if (!parsed || value < row.min || value > row.max) {
    const char* what = row.kind == OptionKind::kBytes      ? "a size such as 64MiB"
                       : row.kind == OptionKind::kDuration ? "a time such as 500ms, 10s, 5m or 1h"
                                                           : "a whole number";
    return wrong(row, text,
                 std::string(what) + " from " + number_text(row.min, row.kind) + " to " +
                     number_text(row.max, row.kind));
  }
  options.*std::get<std::uint64_t ServerOptions::*>(row.field) = value;
  return ok_status();
}

Status set_flag(ServerOptions& options, const OptionRow& row, const std::string& text) {
  const bool yes = text == "true" || text == "yes" || text == "on" || text == "1";
  const bool no = text == "false" || text == "no" || text == "off" || text == "0";
  if (!yes && !no) return wrong(row, text, "true or false");
  options.*std::get<bool ServerOptions::*>(row.field) = yes;
  return ok_status();
}

bool is_choice(std::string_view choices, std::string_view text) {
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, bar) == text) return true;
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return false;
}

// What a configuration file can say in one way only.
bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char byte) { return byte == '"' || byte < ' ' || byte == 0x7F; });
}

}  // namespace

Status set_option(ServerOptions& options, const OptionRow& row,
                  std::span<const std::string> texts) {
  for (const std::string& text : texts) {
    if (is_plain(text)) continue;
    return Error{
        ErrorCode::kInvalidArgument,
        "option " + std::string(row.name) + " takes text without '\"' and control characters"};
  }
  if (row.kind == OptionKind::kList) {
    auto& list = options.*std::get<std::vector<std::string> ServerOptions::*>(row.field);
    list.assign(texts.begin(), texts.end());
    return ok_status();
  }
  if (texts.size() != 1) {
    return Error{ErrorCode::kInvalidArgument, "option " + std::string(row.name) +
                                                  " takes one value, not " +
                                                  std::to_string(texts.size())};
  }
  const std::string& text = texts.front();
  if (row.kind == OptionKind::kFlag) return set_flag(options, row, text);
  if (row.kind == OptionKind::kChoice && !is_choice(row.choices, text)) {
    return wrong(row, text, "one of " + std::string(row.choices));
  }
  if (row.kind == OptionKind::kChoice || row.kind == OptionKind::kText) {
    options.*std::get<std::string ServerOptions::*>(row.field) = text;
    return ok_status();
  }
  return set_number(options, row, text);
}

std::string option_text(const ServerOptions& options, const OptionRow& row) {
  if (const auto* text = std::get_if<std::string ServerOptions::*>(&row.field)) {
    return options.**text;
  }
  if (const auto* flag = std::get_if<bool ServerOptions::*>(&row.field)) {
    return options.**flag ? "true" : "false";
  }
  if (const auto* number = std::get_if<std::uint64_t ServerOptions::*>(&row.field)) {
    return number_text(options.**number, row.kind);
  }
  std::string joined;
  for (const auto& item : options.*std::get<std::vector<std::string> ServerOptions::*>(row.field)) {
    if (!joined.empty()) joined += ' ';
    joined += item;
  }
  return joined;
}

}  // namespace kpi::server
