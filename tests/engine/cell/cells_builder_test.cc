// What the builder emits for a seal, against the same events put into plain maps one by one. Cells
// are canonical, so the bytes must be equal.
#include "engine/cell/cells_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engine/cell/merge.h"
#include "engine/key/key.h"
#include "tests/engine/cell/cell_model.h"

namespace kpi {
namespace {

using Cells = std::map<std::string, std::string>;  // Key -> value.

struct SeriesDay {
  std::uint32_t rp = 0, series = 0;
  bool dense = false;
  EventColumns events;
};

// Of these the first exists from the first day on, the second later, the third has had no event.
const std::vector<LabelRollup> kRollups = {{7, 2, 0}, {3, 5, 20'005}, {9, 0, 20'006}};

std::uint32_t value_of(const SeriesDay& part, std::uint32_t name_id, std::size_t row) {
  for (const auto& label : part.events.labels) {
    if (label.name_id == name_id) return label.value_ids[row];
  }
  return 0;
}

class Expected {
 public:
  explicit Expected(std::vector<LabelRollup> rollups) : rollups_(std::move(rollups)) {}
  void add(std::uint16_t day, const SeriesDay& part) {
    for (std::size_t row = 0; row < part.events.size(); ++row) add_row(day, part, row);
    for (const auto& measure : part.events.measures) {
      for (std::size_t i = 0; i < measure.values.size(); ++i) {
        const std::size_t row = measure.rows.empty() ? i : measure.rows[i];
        const SketchColumn column{measure.id, part.events.kinds[row].outcome()};
        for (const CellKey& key : keys(day, part, row, CellKind::kSketches)) {
          const auto bucket = bucket_of(key.width, part.events.times_ms[row]);
          sketches_[key][column][bucket].push_back({measure.values[i], weight(part, row)});
        }
      }
    }
  }
  Cells cells() const {
    Cells cells;
    const auto put = [&](const auto& models) {
      for (const auto& [key, model] : models)
        cells[std::string(encode(key).view())] = to_value(model);
    };
    put(counts_);
    put(sketches_);
    put(slabs_);
    return cells;
  }

 private:
  static std::uint32_t weight(const SeriesDay& part, std::size_t row) {
    return part.events.weights.empty() ? 1000 : part.events.weights[row];
  }
  std::vector<CellKey> keys(std::uint16_t day, const SeriesDay& part, std::size_t row,
                            CellKind kind) const {
    const auto week = static_cast<std::uint16_t>(day - day % 7);
    std::vector<CellKey> keys = {{week, CellWidth::kDay, kind, part.rp, part.series},
                                 {day, CellWidth::kMinute, kind, 0, 0},
                                 {day, CellWidth::kHour, kind, 0, 0},
                                 {week, CellWidth::kDay, kind, 0, 0}};
    if (part.dense) keys.push_back({day, CellWidth::kHour, kind, part.rp, part.series});
    const auto of_label =
        kind == CellKind::kCounts ? CellKind::kLabelCounts : CellKind::kLabelSketches;
    for (const LabelRollup& rollup : rollups_) {
      if (day < rollup.first_day) continue;
      const std::uint32_t value = rollup.name_id == 0 ? 0 : value_of(part, rollup.name_id, row);
      keys.push_back({week, CellWidth::kDay, of_label, part.rp, part.series, rollup.id, value});
      keys.push_back({week, CellWidth::kDay, of_label, 0, 0, rollup.id, value});
    }
    return keys;
  }
  void add_row(std::uint16_t day, const SeriesDay& part, std::size_t row) {
    const EventKind kind = part.events.kinds[row];
    for (const CellKey& key : keys(day, part, row, CellKind::kCounts)) {
      auto& count = counts_[key][bucket_of(key.width, part.events.times_ms[row])][kind];
      ++count.events;
      count.weight += weight(part, row);
    }
    const KindCount one{kind, 1, weight(part, row)};
    add_counts(
        &slabs_[{day, CellWidth::kDay, CellKind::kSlab, 0, part.series / 4096}][part.series % 4096],
        summary_of({&one, 1}));
  }

  const std::vector<LabelRollup> rollups_;
  std::map<CellKey, CountsModel> counts_;
  std::map<CellKey, SketchesModel> sketches_;
  std::map<CellKey, SlabModel> slabs_;
};

EventColumns random_events(RandomCells& cells, std::uint16_t day) {
  EventColumns events;
  const std::uint32_t size = cells.below(3) == 0 ? cells.below(600) : cells.below(20);
  const bool weighted = cells.below(3) == 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    events.times_ms.push_back(day * kDayMs + cells.below(static_cast<std::uint32_t>(kDayMs)));
    events.kinds.push_back(cells.kind());
    if (weighted) events.weights.push_back(cells.below(2) == 0 ? 1000 : 1000 + cells.below(5000));
  }
  if (size > 1) events.times_ms[0] = day * kDayMs, events.times_ms[1] = (day + 1) * kDayMs - 1;
  std::sort(events.times_ms.begin(), events.times_ms.end());
  for (std::uint32_t id = 1; id <= 4; ++id) {
    EventColumns::Measure measure;
    measure.id = id * 3;
    const bool everywhere = cells.below(3) == 0;
    for (std::uint32_t row = 0; row < size; ++row) {
      if (!everywhere && cells.below(5) == 0) continue;
      measure.values.push_back(cells.below(1U << cells.below(22)));
      if (!everywhere) measure.rows.push_back(row);
    }
    if (!measure.values.empty()) events.measures.push_back(std::move(measure));
  }
  for (const std::uint32_t name : {1U, 2U, 5U}) {
    if (cells.below(4) == 0) continue;
    EventColumns::Label label{name, {}};
    const std::uint32_t values = 1 + cells.below(cells.below(4) == 0 ? 400 : 4);
    for (std::uint32_t row = 0; row < size; ++row) label.value_ids.push_back(cells.below(values));
    events.labels.push_back(std::move(label));
  }
  return events;
}

class CellsBuilderLaws : public testing::TestWithParam<std::uint64_t> {
 protected:
  // Several operands of one key (a week's days) become one, as in the database.
  CellSink sink() {
    return [this](std::string_view key, std::string_view value) {
      const auto [at, added] = emitted_.try_emplace(std::string(key), value);
      if (added) return;
      const std::string_view both[] = {at->second, value};
      std::string merged;
      ASSERT_TRUE(merge_cells(decode_cell_key(key).value().kind, both, &merged).ok());
      at->second = merged;
    };
  }
  void build_and_compare(std::size_t gathered_values_max, std::vector<LabelRollup> rollups) {
    RandomCells cells(GetParam());
    CellsBuilder builder(sink(), gathered_values_max, rollups);
    Expected expected(rollups);
    const std::uint16_t first = 20'004;  // Its week ends on the second day.
    for (std::uint16_t day = first; day < first + 3; ++day) {
      builder.begin_day(day);
      for (std::uint32_t i = cells.below(12); i > 0; --i) {
        const std::uint32_t series = 1 + cells.below(3) * 4095 + i;
        const SeriesDay part{1 + cells.below(3), series, cells.below(2) == 0,
                             random_events(cells, day)};
        builder.add_series(part.rp, part.series, part.events, part.dense);
        expected.add(day, part);
      }
      builder.end_day();
    }
    const Cells wanted = expected.cells();
    EXPECT_EQ(emitted_.size(), wanted.size());
    for (const auto& [key, value] : wanted) {
      ASSERT_TRUE(emitted_.contains(key));
      EXPECT_TRUE(emitted_[key] == value) << "bytes differ";
    }
  }
  Cells emitted_;
};

TEST_P(CellsBuilderLaws, CellsAreThoseOfTheEventsOneByOne) {
  build_and_compare(CellsBuilder::kGatheredValuesMax, {});
}
TEST_P(CellsBuilderLaws, FoldingEarlyChangesNothing) { build_and_compare(300, {}); }
TEST_P(CellsBuilderLaws, LabelCellsAreThoseOfTheEventsOneByOne) {
  build_and_compare(CellsBuilder::kGatheredValuesMax, kRollups);
}
TEST_P(CellsBuilderLaws, LabelCellsFoldedEarlyAreTheSame) { build_and_compare(300, kRollups); }
INSTANTIATE_TEST_SUITE_P(Seeds, CellsBuilderLaws, testing::Range<std::uint64_t>(0, 15));

TEST(CellsBuilder, ADayWithoutEventsEmitsNothing) {
  int emitted = 0;
  CellsBuilder builder([&](std::string_view, std::string_view) { ++emitted; });
  builder.begin_day(5);
  builder.add_series(1, 1, {}, true);
  builder.end_day();
  EXPECT_EQ(emitted, 0);
}

TEST(CellsBuilder, OperandsOfManySeriesBecomeOneForAllRps) {
  EventColumns events;
  events.times_ms = {5 * kDayMs};
  events.kinds = {EventKind(Outcome::kSuccess, UiShown::kYes)};
  events.labels = {{2, {4}}};
  const CellKey all{0, CellWidth::kDay, CellKind::kLabelCounts, 0, 0, 7, 4};
  std::vector<std::string> of_all;
  CellsBuilder builder(
      [&](std::string_view key, std::string_view value) {
        if (key == encode(all).view()) of_all.emplace_back(value);
      },
      CellsBuilder::kGatheredValuesMax, {{7, 2, 0}});
  builder.begin_day(5);
  for (std::uint32_t series = 1; series <= 1000; ++series)
    builder.add_series(1, series, events, false);
  builder.end_day();
  ASSERT_EQ(of_all.size(), 1U);
  auto reader = CountsReader::open(of_all[0]);
  KindCount count;
  ASSERT_TRUE(reader.ok() && reader.value().next() && reader.value().next_kind(&count));
  EXPECT_EQ(count.events, 1000U);
}

TEST(CellsBuilder, ManyErrorCodesAreCountedApart) {  // More than the tally keeps between cells.
  EventColumns events;
  for (std::uint32_t code = 0; code < 10'000; ++code) {
    events.times_ms.push_back(code);
    events.kinds.push_back({Outcome::kFailure, UiShown::kNo, {Dialect::kFedcm, code % 5000}});
  }
  Cells emitted;
  CellsBuilder builder(
      [&](std::string_view key, std::string_view value) { emitted[std::string(key)] = value; });
  for (std::uint16_t day = 0; day < 2; ++day) {
    for (std::int64_t& time : events.times_ms) time += day * kDayMs;
    builder.begin_day(day);
    builder.add_series(1, 1, events, true);
    builder.end_day();
    const CellKey key{day, CellWidth::kHour, CellKind::kCounts, 1, 1};
    auto reader = CountsReader::open(emitted[std::string(encode(key).view())]);
    ASSERT_TRUE(reader.ok() && reader.value().next());
    CountsCell cell;
    reader.value().read_cell(&cell);
    ASSERT_EQ(cell.size(), 5000U);
    EXPECT_TRUE(
        std::all_of(cell.begin(), cell.end(), [](auto& count) { return count.events == 2; }));
  }
}

}  // namespace
}  // namespace kpi
