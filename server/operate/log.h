// The process's log: one line per event on stderr, `time level event key=value...`. Events have
// stable names. Bodies, addresses and cookies are never passed in.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace kpi::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// `level` is debug, info, warning or error. Call once, before the first thread starts.
void start_log(std::string_view level);

using LogField = std::pair<std::string_view, std::string>;
// Thread-safe. Values are quoted where they need it; control characters are escaped.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// `event key=value...`: what log_event() writes after time and level.
std::string log_line(std::string_view event, std::initializer_list<LogField> fields);

}  // namespace kpi::server
