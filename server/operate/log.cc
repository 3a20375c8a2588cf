#include "server/operate/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>

#include "server/operate/repeat_limit.h"

namespace kpi::server {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

void append_string(std::string& out, std::string_view text) {
  out += nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

struct Limiter {
  std::mutex mutex;
  RepeatLimit limit;
};

Limiter& limiter() {
  static Limiter one;
  return one;
}

std::int64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  spdlog::default_logger_raw()->log(spdlog_level(level), log_line(event, fields));
}

}  // namespace

void start_log(std::string_view level) {
  auto logger =
      std::make_shared<spdlog::logger>("kpi", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                      spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(std::string(level)));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

std::string log_line(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = "\"event\":";
  append_string(line, event);
  for (const auto& [key, value] : fields) {
    line += ',';
    append_string(line, key);
    line += ':';
    append_string(line, value);
  }
  return line;
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!spdlog::default_logger_raw()->should_log(spdlog_level(level))) return;
  log_suppressed(false);
  {
    const std::lock_guard lock(limiter().mutex);
    if (!limiter().limit.admit(event, steady_ms())) return;
  }
  write(level, event, fields);
}

void log_suppressed(bool last) {
  std::vector<RepeatLimit::Suppressed> ended;
  {
    const std::lock_guard lock(limiter().mutex);
    RepeatLimit& limit = limiter().limit;
    ended = last ? limit.take_all() : limit.take_ended(steady_ms());
  }
  for (const auto& [event, count] : ended) {
    write(LogLevel::kWarning, "suppressed", {{"of", event}, {"count", std::to_string(count)}});
  }
}

}  // namespace kpi::server
