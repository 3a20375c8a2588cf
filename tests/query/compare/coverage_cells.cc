#include "tests/query/compare/coverage_cells.h"

#include <cstdio>

namespace kpi::test {
namespace {

constexpr double kSlower = 1.05;
const std::vector<std::string> kQuantiles = {"p50", "p95", "p99"};

struct Shape {
  const char* name;
  Population plain, slower;
};

Attempts timed(const Population& times, std::uint32_t n) { return {&times, 0, n, Sampling::kAll}; }

std::string check_shape(const Shape& shape, const std::vector<std::string>& aggregates, Size size,
                        std::uint64_t seed, bool upper) {
  const std::string name = shape.name;
  const Attempts plain = timed(shape.plain, size.n), slower = timed(shape.slower, size.n);
  std::string complaints =
      report(simulate({name, plain, plain, size.runs, seed}, aggregates), upper);
  complaints += report(
      simulate({name + ", 5 % slower", plain, slower, size.runs, seed + 1}, aggregates), upper);
  return complaints;
}

std::string check_rate(double before, double after, Size size, std::uint64_t seed) {
  char name[60];
  std::snprintf(name, sizeof name, "rate %.3g against %.3g", before, after);
  const Attempts baseline = {nullptr, 1 - before, size.n, Sampling::kAll};
  const Attempts candidate = {nullptr, 1 - after, size.n, Sampling::kAll};
  return report(simulate({name, baseline, candidate, size.runs, seed}, {"success_rate"}));
}

}  // namespace

std::string report(const std::vector<CellResult>& cells, bool upper) {
  std::string complaints;
  for (const CellResult& cell : cells) {
    std::printf("%s\n", row_text(cell).c_str());
    const std::string wrong = complaint(cell, upper);
    if (!wrong.empty()) complaints += wrong + '\n';
  }
  return complaints;
}

std::string check_quantiles(const std::vector<Size>& sizes, std::uint64_t seed) {
  const std::vector<Shape> shapes = {
      {"log-normal 0.5", Population::log_normal(800, 0.5),
       Population::log_normal(800 * kSlower, 0.5)},
      {"log-normal 1", Population::log_normal(800, 1), Population::log_normal(800 * kSlower, 1)},
      {"bimodal", Population::bimodal(0.7, 400, 4000, 0.4),
       Population::bimodal(0.7, 400 * kSlower, 4000 * kSlower, 0.4)}};
  std::string complaints;
  for (const Size& size : sizes) {
    for (const Shape& shape : shapes) {
      complaints += check_shape(shape, kQuantiles, size, seed, true);
    }
  }
  return complaints;
}

std::string check_rates(const std::vector<Size>& sizes, std::uint64_t seed) {
  const Shape times = {"log-normal 0.5", Population::log_normal(800, 0.5),
                       Population::log_normal(800 * kSlower, 0.5)};
  std::string complaints;
  for (const Size& size : sizes) {
    for (const auto& [before, after] : std::vector<std::pair<double, double>>{
             {0.5, 0.5}, {0.5, 0.55}, {0.99, 0.99}, {0.99, 0.98}}) {
      complaints += check_rate(before, after, size, seed);
    }
    complaints += check_shape(times, {"below 1000"}, size, seed, true);
  }
  return complaints;
}

std::string check_lumps(const std::vector<Size>& sizes, std::uint64_t seed) {
  std::vector<Shape> shapes;
  for (const auto& [name, tick] :
       std::vector<std::pair<const char*, std::uint32_t>>{{"ticks of 5 ms", 5},
                                                          {"ticks of 10 ms", 10},
                                                          {"ticks of 16 ms", 16},
                                                          {"ticks of 100 ms", 100}}) {
    shapes.push_back({name, Population::log_normal(800, 0.5, tick),
                      Population::log_normal(800 * kSlower, 0.5, tick)});
  }
  shapes.push_back({"ticks of 10 ms at 3 s", Population::log_normal(3000, 0.5, 10),
                    Population::log_normal(3000 * kSlower, 0.5, 10)});
  shapes.push_back(
      {"small values", Population::log_normal(3, 0.8), Population::log_normal(3 * kSlower, 0.8)});
  shapes.push_back({"median in a gap", Population::bimodal(0.5, 400, 4000, 0.4),
                    Population::bimodal(0.5, 400 * kSlower, 4000 * kSlower, 0.4)});
  std::string complaints;
  for (const Size& size : sizes) {
    for (const Shape& shape : shapes) {
      complaints += check_shape(shape, {"p50", "p95", "p99", "below 1000"}, size, seed, false);
    }
  }
  return complaints;
}

std::string check_uneven(const std::vector<Size>& sizes, std::uint64_t seed) {
  const Population plain = Population::log_normal(800, 0.7);
  const Population slower = Population::log_normal(800 * kSlower, 0.7);
  std::string complaints;
  for (const Size& size : sizes) {
    const Attempts trial = {&slower, 0.05, size.n, Sampling::kAll};
    const Attempts control = {&plain, 0.1, 10 * size.n, Sampling::kAll};
    const std::vector<std::string> aggregates = {"p50", "p95", "below 1000", "success_rate"};
    complaints += report(
        simulate({"control of ten times n", trial, control, size.runs, seed}, aggregates), false);
  }
  return complaints;
}

std::string check_sampled(const std::vector<Size>& sizes, std::uint64_t seed) {
  const Population plain = Population::log_normal(800, 0.7);
  const Population slower = Population::log_normal(800 * kSlower, 0.7);
  const std::vector<std::pair<const char*, Sampling>> samplings = {
      {"attempts", Sampling::kAll},
      {"a tenth", Sampling::kTenth},
      {"all and a tenth", Sampling::kMixed},
      {"a tenth of successes", Sampling::kByOutcome}};
  const std::vector<std::string> aggregates = {"p50", "p95", "below 1000", "success_rate"};
  std::string complaints;
  for (const Size& size : sizes) {
    for (const auto& [name, sampling] : samplings) {
      auto asked = aggregates;
      if (sampling == Sampling::kAll) asked.emplace_back("p50 of attempts");
      const Attempts before = {&plain, 0.08, size.n, sampling};
      const Attempts after = {&slower, 0.12, size.n, sampling};
      const bool even = sampling == Sampling::kAll || sampling == Sampling::kTenth;
      complaints += report(simulate({name, before, after, size.runs, seed}, asked), even);
    }
  }
  return complaints;
}

}  // namespace kpi::test
