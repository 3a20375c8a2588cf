// What cells values mean, as plain maps: random values, the way to bytes through the writers, and
// the sum of two the obvious way.
#pragma once
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/cell/counts_value.h"
#include "engine/cell/sketches_value.h"
#include "engine/cell/slab.h"
#include "engine/key/partition.h"
#include "kpi/sketch.h"

namespace kpi {

struct EventsAndWeight {
  std::uint64_t events = 0, weight = 0;
  bool operator==(const EventsAndWeight&) const = default;
};
using CountsModel = std::map<std::uint32_t, std::map<EventKind, EventsAndWeight>>;  // By bucket.

using ValueAndWeight = std::pair<std::uint32_t, std::uint32_t>;
using SketchesModel = std::map<SketchColumn, std::map<std::uint32_t, std::vector<ValueAndWeight>>>;

using SlabModel = std::map<std::uint32_t, Counts>;

inline CountsModel operator+(CountsModel a, const CountsModel& b) {
  for (const auto& [bucket, kinds] : b) {
    for (const auto& [kind, count] : kinds) {
      a[bucket][kind].events += count.events;
      a[bucket][kind].weight += count.weight;
    }
  }
  return a;
}
inline SketchesModel operator+(SketchesModel a, const SketchesModel& b) {
  for (const auto& [column, buckets] : b) {
    for (const auto& [bucket, values] : buckets) {
      auto& all = a[column][bucket];
      all.insert(all.end(), values.begin(), values.end());
    }
  }
  return a;
}
inline SlabModel operator+(SlabModel a, const SlabModel& b) {
  for (const auto& [index, counts] : b) add_counts(&a[index], counts);
  return a;
}

inline std::string to_value(const CountsModel& model) {
  CountsWriter writer;
  writer.begin();
  for (const auto& [bucket, kinds] : model) {
    CountsCell cell;
    for (const auto& [kind, count] : kinds) cell.push_back({kind, count.events, count.weight});
    writer.add(bucket, cell);
  }
  return std::string(writer.finish());
}
inline std::string to_value(const SketchesModel& model) {
  SketchesWriter writer;
  SketchBuilder builder;
  writer.begin();
  for (const auto& [column, buckets] : model) {
    writer.begin_column(column);
    for (const auto& [bucket, values] : buckets) {
      for (const auto& [value, weight] : values) builder.add(value, weight);
      writer.add(bucket, builder.build().bytes());
    }
  }
  return std::string(writer.finish());
}
inline std::string to_value(const SlabModel& model) {
  SlabWriter writer;
  writer.begin();
  for (const auto& [index, counts] : model) writer.add({index, counts});
  return std::string(writer.finish());
}

// Small numbers of everything, so that buckets, kinds and columns often meet.
class RandomCells {
 public:
  explicit RandomCells(std::uint64_t seed) : rng_(seed) {}

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(rng_() % limit); }
  std::uint32_t weight() { return weighted_ && below(2) == 0 ? 1000 + below(100'000) : 1000; }
  EventKind kind() {
    const auto ui = static_cast<UiShown>(below(3));
    switch (below(4)) {
      case 0:
        return {Outcome::kUnknown, ui};
      case 1:
        return {Outcome::kSuccess, ui};
      case 2:
        return {Outcome::kFailure, ui};
      default:
        return {Outcome::kFailure, ui, {static_cast<Dialect>(1 + below(3)), 100 + below(3)}};
    }
  }
  CountsModel counts() {
    choose_weighted();
    CountsModel model;
    for (std::uint32_t i = below(40); i > 0; --i) {
      auto& count = model[below(24)][kind()];
      ++count.events;
      count.weight += weight();
    }
    return model;
  }
  SketchesModel sketches() {
    choose_weighted();
    SketchesModel model;
    for (std::uint32_t i = below(8); i > 0; --i) {
      auto& values = model[{1 + below(3), static_cast<Outcome>(below(3))}][below(7)];
      const std::uint32_t scale = 1U << below(20);
      for (std::uint32_t n = 1 + below(40); n > 0; --n) values.push_back({below(scale), weight()});
    }
    return model;
  }
  SlabModel slab() {
    choose_weighted();
    SlabModel model;
    for (std::uint32_t i = below(20); i > 0; --i) {
      CountsCell cell;
      for (std::uint32_t n = 1 + below(5); n > 0; --n) cell.push_back({kind(), 1, weight()});
      fold_counts(&cell);
      add_counts(&model[below(4) == 0 ? kSeriesPerSlab - 1 - below(3) : below(30)],
                 summary_of(cell));
    }
    return model;
  }

 private:
  void choose_weighted() { weighted_ = below(2) == 0; }

  std::mt19937_64 rng_;
  bool weighted_ = false;
};

}  // namespace kpi
