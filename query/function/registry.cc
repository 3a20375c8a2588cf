#include <array>
#include <charconv>

#include "query/function/aggregate.h"

namespace kpi::query {
namespace {

using namespace aggregates;

constexpr std::array<const Aggregate*, 14> kAll = {&kCount,
                                                   &kSuccesses,
                                                   &kFailures,
                                                   &kSuccessRate,
                                                   &kClickThroughRate,
                                                   &kQuantile,
                                                   &kAvg,
                                                   &kSum,
                                                   &kMin,
                                                   &kMax,
                                                   &kFractionBelow,
                                                   &kHistogram,
                                                   &kQuantileOfAttempts,
                                                   &kLargestSenderShare};

// p95, p99_9: 0.95, 0.999.
std::optional<double> percentile(std::string_view name) {
  if (name.size() < 2 || name.size() > 12 || name[0] != 'p') return std::nullopt;
  std::string digits(name.substr(1));
  const std::size_t mark = digits.find('_');
  if (mark == 0 || mark + 1 == digits.size()) return std::nullopt;
  if (mark != std::string::npos) digits[mark] = '.';
  double percent = 0;
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, percent, std::chars_format::fixed);
  const bool plain = digits.find_first_not_of("0123456789.") == std::string::npos &&
                     name.find('.') == std::string_view::npos;
  if (!plain || parsed.ec != std::errc{} || parsed.ptr != end || percent > 100) {
    return std::nullopt;
  }
  return percent / 100;
}

}  // namespace

std::optional<AggregateName> find_aggregate(std::string_view name) {
  for (const Aggregate* aggregate : kAll) {
    if (aggregate->name == name) return AggregateName{aggregate};
  }
  if (name == "median") return AggregateName{&kQuantile, 0.5};
  if (const auto q = percentile(name)) return AggregateName{&kQuantile, q};
  return std::nullopt;
}

const Aggregate& count_all() { return kCountAll; }

std::vector<std::string> aggregate_names() {
  std::vector<std::string> names;
  for (const Aggregate* aggregate : kAll) names.emplace_back(aggregate->name);
  for (const char* name : {"median", "p50", "p75", "p90", "p95", "p99", "p99_9"}) {
    names.emplace_back(name);
  }
  return names;
}

}  // namespace kpi::query
