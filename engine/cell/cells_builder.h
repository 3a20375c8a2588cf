// Turns the events of a seal into merge operands of cells: day (and, where dense, hour) cells of
// each series, slabs, the minute, hour and day cells of all RPs, and the day cells of labels that
// are rolled up.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/chunk/event_columns.h"
#include "kpi/result.h"

namespace kpi {

// Takes a key of the family `cells` and a merge operand. Views live until it returns.
using CellSink = std::function<void(std::string_view key, std::string_view value)>;

// A label whose values get day cells of their own.
struct LabelRollup {
  std::uint32_t id = 0;         // Rollup::id, of the keys.
  std::uint32_t name_id = 0;    // The dictionary's; 0: no event has had the label yet.
  std::uint32_t first_day = 0;  // Earlier days get no label cells.
};

// One day after another: begin_day, add_series for each series, end_day. Reusable; not
// thread-safe. What is gathered for all RPs is folded after the series that brings it to
// `gathered_values_max` events and values together.
class CellsBuilder {
 public:
  static constexpr std::size_t kGatheredValuesMax = 4'000'000;  // About 6 bytes each.

  explicit CellsBuilder(CellSink sink, std::size_t gathered_values_max = kGatheredValuesMax,
                        std::vector<LabelRollup> rollups = {});
  ~CellsBuilder();
  CellsBuilder(const CellsBuilder&) = delete;
  CellsBuilder& operator=(const CellsBuilder&) = delete;

  void begin_day(std::uint16_t day);
  // `events`: of one series, all within the day, times ascending. Empty: nothing is added. `dense`:
  // their hours get hour cells (the chunks' keys must say the same). Series come in any order.
  void add_series(std::uint32_t rp, std::uint32_t series, const EventColumns& events, bool dense);
  // Emits slabs and the cells of all RPs; those of series came with add_series, and so may have
  // operands of all RPs' label cells.
  void end_day();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kpi
