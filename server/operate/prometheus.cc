#include "server/operate/prometheus.h"

#include <fmt/format.h>

namespace kpi::server {
namespace {

constexpr double kMicrosPerSecond = 1e6;

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

void PrometheusPage::line(std::string_view suffix, Labels labels, std::string_view value) {
  text_ += name_;
  text_ += suffix;
  char before = '{';
  for (const auto& [key, label] : labels) {
    text_ += before;
    text_ += fmt::format("{}=\"{}\"", key, escaped(label));
    before = ',';
  }
  if (labels.size() != 0) text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

void PrometheusPage::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void PrometheusPage::sample(std::uint64_t value, Labels labels) {
  line("", labels, std::to_string(value));
}

void PrometheusPage::sample_seconds(double seconds, Labels labels) {
  line("", labels, fmt::format("{}", seconds));
}

void PrometheusPage::counter(std::string_view name, std::string_view help, std::uint64_t value) {
  family(name, "counter", help);
  sample(value);
}

void PrometheusPage::gauge(std::string_view name, std::string_view help, std::uint64_t value) {
  family(name, "gauge", help);
  sample(value);
}

void PrometheusPage::counter_seconds(std::string_view name, std::string_view help,
                                     std::uint64_t micros) {
  family(name, "counter", help);
  sample_seconds(static_cast<double>(micros) / kMicrosPerSecond);
}

void PrometheusPage::histogram(std::string_view name, std::string_view help,
                               std::span<const std::uint64_t> buckets, std::uint64_t first_micros,
                               std::uint64_t micros_sum) {
  family(name, "histogram", help);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i + 1 < buckets.size(); ++i) {
    count += buckets[i];
    const double bound = static_cast<double>(first_micros << i) / kMicrosPerSecond;
    line("_bucket", {{"le", fmt::format("{}", bound)}}, std::to_string(count));
  }
  count += buckets.back();
  line("_bucket", {{"le", "+Inf"}}, std::to_string(count));
  line("_sum", {}, fmt::format("{}", static_cast<double>(micros_sum) / kMicrosPerSecond));
  line("_count", {}, std::to_string(count));
}

}  // namespace kpi::server
