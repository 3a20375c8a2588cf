#include "server/pgwire/session_settings.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace kpi::server::pgwire {
namespace {

constexpr std::string_view kStatementTimeout = "statement_timeout";
// What PostgreSQL takes at most, in milliseconds.
constexpr std::int64_t kTimeoutMsMax = 2'147'483'647;
constexpr std::array<std::string_view, 9> kFixed = {
    "server_version",        "server_version_num",    "server_encoding",
    "integer_datetimes",     "is_superuser",          "in_hot_standby",
    "max_identifier_length", "session_authorization", "ssl"};

// Accepted without effect: times are shown in UTC and in ISO form whatever is asked for.
constexpr std::array<std::string_view, 3> kConstant = {"client_encoding", "datestyle", "timezone"};

struct Unit {
  std::string_view name;
  std::int64_t micros;
};
constexpr std::array<Unit, 7> kUnits = {{{"", 1000},
                                         {"us", 1},
                                         {"ms", 1000},
                                         {"s", 1'000'000},
                                         {"min", 60'000'000},
                                         {"h", 3'600'000'000},
                                         {"d", 86'400'000'000}}};

// As SHOW has it: in the largest unit that it is a whole number of.
std::string duration_text(std::chrono::milliseconds duration) {
  const std::int64_t ms = duration.count();
  if (ms == 0) return "0";
  for (auto unit = kUnits.rbegin(); unit != kUnits.rend(); ++unit) {
    const std::int64_t unit_ms = unit->micros / 1000;
    if (unit_ms > 0 && ms % unit_ms == 0) return std::to_string(ms / unit_ms).append(unit->name);
  }
  return std::to_string(ms) + "ms";
}

Error invalid(std::string_view name, std::string_view value, std::string expected) {
  return {
      ErrorCode::kInvalidArgument,
      "invalid value for parameter \"" + std::string(name) + "\": \"" + std::string(value) + "\"",
      std::move(expected)};
}

std::string lower(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return folded;
}

// Separated by blanks; a backslash takes the next character as it is.
std::vector<std::string> option_words(std::string_view options) {
  std::vector<std::string> words;
  bool in_word = false;
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i] == ' ') {
      in_word = false;
      continue;
    }
    if (options[i] == '\\' && i + 1 < options.size()) ++i;
    if (!std::exchange(in_word, true)) words.emplace_back();
    words.back() += options[i];
  }
  return words;
}

Status check(std::string_view name, std::string_view value) {
  if (name == kStatementTimeout && !read_duration(value)) {
    return invalid(name, value, "expected milliseconds, or a number with us, ms, s, min, h or d");
  }
  if (name == "client_encoding" && lower(value) != "utf8" && lower(value) != "utf-8" &&
      lower(value) != "unicode" && lower(value) != "sql_ascii") {
    return invalid(name, value, "texts are sent in UTF8");
  }
  if (name == "standard_conforming_strings" && lower(value) != "on" && lower(value) != "true") {
    return invalid(name, value, "strings have no escapes: only on is supported");
  }
  return ok_status();
}

}  // namespace

std::optional<std::chrono::milliseconds> read_duration(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number < 0 || number > kTimeoutMsMax) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  for (const Unit& unit : kUnits) {
    if (unit.name != text) continue;
    const std::int64_t ms = (number * unit.micros + 999) / 1000;
    if (ms > kTimeoutMsMax) return std::nullopt;
    return std::chrono::milliseconds(ms);
  }
  return std::nullopt;
}

Status SessionSettings::set(std::string_view name, std::string value, bool local) {
  if (std::find(kFixed.begin(), kFixed.end(), name) != kFixed.end()) {
    return Error{ErrorCode::kInvalidArgument,
                 "parameter \"" + std::string(name) + "\" cannot be changed"};
  }
  if (Status checked = check(name, value); !checked.ok()) return checked;
  if (std::find(kConstant.begin(), kConstant.end(), name) != kConstant.end()) return ok_status();
  Values& values = local ? local_ : values_;
  const bool known = values.find(name) != values.end();
  if (name.size() + value.size() > kSettingBytesMax || (!known && values.size() >= kSettingsMax)) {
    return Error{ErrorCode::kLimitExceeded, "too many or too long settings; at most " +
                                                std::to_string(kSettingsMax) + " of " +
                                                std::to_string(kSettingBytesMax) + " bytes each"};
  }
  // Later SET wins over an earlier SET LOCAL.
  if (!local) {
    if (const auto shadow = local_.find(name); shadow != local_.end()) local_.erase(shadow);
  }
  values.insert_or_assign(std::string(name), std::move(value));
  return ok_status();
}

Status SessionSettings::set_at_startup(
    const std::vector<std::pair<std::string_view, std::string_view>>& parameters) {
  for (const auto& [name, value] : parameters) {
    // Clients say what they can read; what they get is UTF8, as ParameterStatus tells them.
    if (name == "user" || name == "database" || name == "replication" ||
        name == "client_encoding" || name.substr(0, 5) == "_pq_.") {
      continue;
    }
    Status status =
        name == "options" ? set_options(value) : set(lower(name), std::string(value), false);
    if (!status.ok()) return status;
  }
  return ok_status();
}

Status SessionSettings::set_options(std::string_view options) {
  for (const std::string& word : option_words(options)) {
    std::string_view setting = word;
    if (setting == "-c") continue;
    if (setting.substr(0, 2) == "-c" || setting.substr(0, 2) == "--") setting.remove_prefix(2);
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return Error{ErrorCode::kInvalidArgument, "invalid startup option \"" + word + "\"",
                   "expected -c name=value"};
    }
    std::string name = lower(setting.substr(0, equals));
    std::replace(name.begin(), name.end(), '-', '_');
    Status status = set(name, std::string(setting.substr(equals + 1)), false);
    if (!status.ok()) return status;
  }
  return ok_status();
}

void SessionSettings::reset(std::string_view name) {
  for (Values* values : {&values_, &local_}) {
    if (const auto found = values->find(name); found != values->end()) values->erase(found);
  }
}

void SessionSettings::reset_all() {
  values_.clear();
  local_.clear();
}

std::optional<std::string> SessionSettings::find(std::string_view name) const {
  if (name == kStatementTimeout) return duration_text(statement_timeout());
  for (const Values* values : {&local_, &values_}) {
    if (const auto found = values->find(name); found != values->end()) return found->second;
  }
  return std::nullopt;
}

std::map<std::string, std::string, std::less<>> SessionSettings::all() const {
  Values all = values_;
  for (const auto& [name, value] : local_) all.insert_or_assign(name, value);
  all.insert_or_assign(std::string(kStatementTimeout), duration_text(statement_timeout()));
  return all;
}

void SessionSettings::end(bool committed) {
  if (!committed) values_ = std::move(before_);
  before_.clear();
  local_.clear();
}

std::chrono::milliseconds SessionSettings::statement_timeout() const {
  for (const Values* values : {&local_, &values_}) {
    const auto found = values->find(kStatementTimeout);
    if (found == values->end()) continue;
    const std::chrono::milliseconds own = *read_duration(found->second);
    if (own.count() == 0) return server_timeout_;
    return server_timeout_.count() == 0 ? own : std::min(own, server_timeout_);
  }
  return server_timeout_;
}

}  // namespace kpi::server::pgwire
