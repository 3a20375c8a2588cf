// The cells of all RPs together, of one day: what series gave is gathered, then cut by minutes;
// hours and the day are made from the same order. Reusable; not thread-safe.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "engine/cell/cells_builder.h"
#include "engine/cell/counts_value.h"
#include "engine/cell/kind_tally.h"
#include "engine/cell/minute_gather.h"
#include "engine/cell/sketches_value.h"
#include "kpi/sketch.h"

namespace kpi {

class AllRpsCells {
 public:
  using ByOutcome = std::array<MinuteGather, 3>;  // [Outcome]

  void begin_day(std::uint16_t day) { day_ = day; }
  // Series append here; the references hold until fold() or emit().
  MinuteGather& kinds() { return kinds_; }
  ByOutcome& values(std::uint32_t measure) { return values_[measure]; }
  // Makes cells of what was gathered and forgets it, so that memory stays bounded.
  void fold();
  // Folds, then gives the operands of the keys of all RPs to `sink`.
  void emit(const CellSink& sink);

 private:
  static constexpr std::size_t kWidths = 3;

  void write_counts();
  void write_sketches();
  void write_column(SketchColumn column);
  void write_hour(std::uint32_t hour);
  void keep(CellWidth width, CellKind kind, std::string_view value);
  std::string& kept(CellWidth width, CellKind kind) {
    return kept_[static_cast<std::size_t>(width)][static_cast<std::size_t>(kind)];
  }

  std::uint16_t day_ = 0;
  MinuteGather kinds_;
  std::map<std::uint32_t, ByOutcome> values_;  // By measure.
  std::string kept_[kWidths][2];               // What earlier folds made; empty: nothing.
  std::string merged_;

  MinuteOrder order_;
  KindTally minute_tally_, hour_tally_, day_tally_;
  CountsWriter counts_[kWidths];
  SketchesWriter sketches_[kWidths];
  SketchBuilder fine_, day_builder_;
};

}  // namespace kpi
