// The process's log: one JSON object a line on stderr, with time, level and event first. Events
// have stable names (server/PROTOCOL.md lists them), and one that repeats is held back after a
// while. Bodies, addresses, cookies, user agents and secrets are never passed in.
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
// Thread-safe. Of one event at most RepeatLimit::kPerInterval lines an interval.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
// Says of each interval that has ended how many lines of it were held back; at the `last` call of
// all. Thread-safe; call now and then, so that it is said though nothing else happens.
void log_suppressed(bool last);

// `"event":"NAME","key":"value"...`: the members that log_event() writes after time and level.
// ASCII only; control characters are escaped, what is not UTF-8 is replaced.
std::string log_line(std::string_view event, std::initializer_list<LogField> fields);

}  // namespace kpi::server
