// Random events and requests that meet the corners of the store: boundaries of minutes, hours and
// days, dense and sparse series, weights, names that share prefixes, late events.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kpi/store.h"
#include "tests/support/model_store.h"

namespace kpi::test {

class RandomData {
 public:
  // Everything follows from the seed.
  explicit RandomData(std::uint64_t seed);
  // So many of the dimensions asked by are labels, one of them most often.
  void ask_by_labels(int percent) { label_percent_ = percent; }

  std::uint64_t below(std::uint64_t end) { return rng_() % end; }
  bool chance(int percent) { return below(100) < static_cast<std::uint64_t>(percent); }

  // Days of the events: [first_day_ms(), end_day_ms()).
  std::int64_t first_day_ms() const { return first_day_ms_; }
  std::int64_t end_day_ms() const { return end_day_ms_; }

  ModelEvent event();
  TimeRange range();
  Predicate predicate(int depth);
  DimensionRef dimension();
  AggregateRequest aggregate();
  ScanRequest scan();

 private:
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  std::int64_t time();
  std::uint32_t value();
  EventKind kind();
  Predicate leaf();
  Predicate dimension_leaf();
  std::int64_t width();
  std::int64_t origin();

  std::mt19937_64 rng_;
  std::int64_t first_day_ms_ = 0, end_day_ms_ = 0;
  std::vector<std::pair<std::string, std::string>> series_;
  std::vector<EventKind> kinds_;
  int hot_percent_ = 0, weighted_percent_ = 0, label_percent_ = 0;
};

}  // namespace kpi::test
