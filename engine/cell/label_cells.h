// The day cells of rolled-up labels: for each value that a series' events have, and for the events
// without the label, the counts and sketches of the series and of all RPs. Reusable; not
// thread-safe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/cell/cells_builder.h"
#include "engine/cell/counts_value.h"
#include "engine/cell/day_events.h"
#include "engine/cell/kind_tally.h"
#include "engine/cell/sketches_value.h"
#include "engine/key/key.h"
#include "kpi/sketch.h"

namespace kpi {

class LabelCells {
 public:
  // What is gathered for all RPs is given to the sink once it has `kept_bytes_max` bytes.
  LabelCells(std::vector<LabelRollup> rollups, std::size_t kept_bytes_max);

  void begin_day(std::uint16_t day);
  // Gives the operands of keys (rp, series) to `sink`, and keeps them for all RPs.
  void add_series(std::uint32_t rp, std::uint32_t series, const DayEvents& rows,
                  const CellSink& sink);
  // The operands of the keys of all RPs.
  void end_day(const CellSink& sink);

 private:
  // So many operands of one key of all RPs are kept before they become one.
  static constexpr std::size_t kOperandsMax = 256;

  // The events of a series that have one value.
  struct Part {
    std::uint32_t value_id = 0;
    KindTally tally;
    SketchesWriter sketches;
  };
  // Values of one measure, of one part and outcome.
  struct Values {
    std::vector<std::uint32_t> plain;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> weighted;  // Value, weight.
  };
  struct Operands {
    std::vector<std::string> values;
    std::size_t bytes = 0;
  };

  void find_parts(const LabelRollup& rollup, const DayEvents& rows);
  std::uint32_t part_of(std::uint32_t value_id);
  void add_rows(const DayEvents& rows);
  void add_measure(const EventColumns::Measure& measure, const DayEvents& rows);
  void write_column(SketchColumn column, Values* values, SketchesWriter* writer);
  void emit_parts(CellKey key, const CellSink& sink);
  void put(const CellKey& key, std::string_view value, const CellSink& sink);
  void fold(CellKind kind, Operands* operands);
  void emit_all_rps(const CellSink& sink);

  const std::vector<LabelRollup> rollups_;
  const std::size_t kept_bytes_max_;
  std::uint16_t day_ = 0;

  std::vector<Part> parts_;  // Of this series and label: the first part_count_.
  std::uint32_t part_count_ = 0;
  std::unordered_map<std::uint32_t, std::uint32_t> part_of_value_;
  std::vector<std::uint32_t> part_of_row_;
  std::vector<Values> values_;  // [part * 3 + outcome]; empty between measures.
  CountsCell cell_;
  CountsWriter counts_;
  SketchBuilder builder_;

  std::map<CellKey, Operands> all_rps_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace kpi
