#include <array>
#include <charconv>
#include <ctime>
#include <utility>

#include "query/render/display.h"
#include "query/render/time_text.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

// Whole seconds of `time_ms`, rounded down, so that the rest is 0..999 also before the epoch.
std::int64_t whole_seconds(std::int64_t time_ms) {
  return time_ms / 1000 - (time_ms % 1000 < 0 ? 1 : 0);
}

std::string unix_text(std::int64_t time_ms) {
  std::string text = std::to_string(time_ms / 1000);
  if (time_ms < 0 && time_ms > -1000) text = "-0";
  if (time_ms % 1000 == 0) return text;
  const std::string fraction = std::to_string(1000 + std::abs(time_ms % 1000)).substr(1);
  return text + '.' + fraction;
}

std::string local_text(std::int64_t time_ms) {
  const auto seconds = static_cast<std::time_t>(whole_seconds(time_ms));
  std::tm local = {};
  // Years beyond what struct tm can hold have no local time.
  if (localtime_r(&seconds, &local) == nullptr) return time_text(time_ms, ' ', "+00:00");
  const long offset_s = local.tm_gmtoff;
  const long minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
  std::string zone(offset_s < 0 ? "-" : "+");
  zone += std::to_string(100 + minutes / 60).substr(1) + ':' +
          std::to_string(100 + minutes % 60).substr(1);
  return time_text(time_ms + offset_s * 1000, ' ', zone.c_str());
}

}  // namespace

std::optional<TimeForm> parse_time_form(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, TimeForm>, 3> kForms = {
      {{"rfc3339", TimeForm::kRfc3339}, {"unix", TimeForm::kUnix}, {"local", TimeForm::kLocal}}};
  for (const auto& [known, form] : kForms) {
    if (known == name) return form;
  }
  return std::nullopt;
}

std::string value_text(const Value& value, Type type, TimeForm form) {
  const auto* const time_ms = std::get_if<std::int64_t>(&value);
  if (type != Type::kTimestamp || time_ms == nullptr) return to_text(value, type);
  switch (form) {
    case TimeForm::kDefault:
      break;
    case TimeForm::kRfc3339:
      return time_text(*time_ms, 'T', "Z");
    case TimeForm::kUnix:
      return unix_text(*time_ms);
    case TimeForm::kLocal:
      return local_text(*time_ms);
  }
  return to_text(value, type);
}

std::string cell_text(const Value& value, Type type, const RenderOptions& options) {
  return printable(is_null(value) ? options.null_text : value_text(value, type, options.time));
}

std::string painted(std::string text, const char* code, const RenderOptions& options) {
  if (!options.color || text.empty()) return text;
  return std::string("\x1b[") + code + 'm' + text + "\x1b[0m";
}

}  // namespace kpi::query
