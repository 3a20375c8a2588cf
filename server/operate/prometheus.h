// Writes pages in Prometheus' text format 0.0.4.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace kpi::server {

class PrometheusPage {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Opens a family: its samples follow. `type` is counter, gauge or histogram.
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::uint64_t value, Labels labels = {});
  void sample_seconds(double seconds, Labels labels = {});
  // A family of one sample.
  void counter(std::string_view name, std::string_view help, std::uint64_t value);
  void gauge(std::string_view name, std::string_view help, std::uint64_t value);
  void counter_seconds(std::string_view name, std::string_view help, std::uint64_t micros);
  // Bucket i counts durations under first_micros << i, the last one all others.
  void histogram(std::string_view name, std::string_view help,
                 std::span<const std::uint64_t> buckets, std::uint64_t first_micros,
                 std::uint64_t micros_sum);

  const std::string& text() const { return text_; }

 private:
  void line(std::string_view suffix, Labels labels, std::string_view value);

  std::string text_, name_;
};

}  // namespace kpi::server
