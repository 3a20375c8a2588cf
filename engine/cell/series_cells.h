// The cells of single series: a day cell for each, and hour cells where it is dense. Reusable; not
// thread-safe.
#pragma once
#include <cstdint>

#include "engine/cell/cells_builder.h"
#include "engine/cell/counts_value.h"
#include "engine/cell/day_events.h"
#include "engine/cell/kind_tally.h"
#include "engine/cell/minute_gather.h"
#include "engine/cell/sketches_value.h"
#include "kpi/sketch.h"

namespace kpi {

void add_items(SketchBuilder* builder, const ItemSlice& slice);

class SeriesCells {
 public:
  // For one series and day: begin, its measure columns in ascending order, emit.
  void begin(std::uint16_t day, bool dense);
  void add_counts(const DayEvents& events);
  // What `gather` holds from these indexes on.
  void add_column(SketchColumn column, const MinuteGather& gather, std::size_t items_begin,
                  std::size_t weighted_begin);
  // The operands of keys (rp, series).
  void emit(std::uint32_t rp, std::uint32_t series, const CellSink& sink);
  const CountsCell& day_counts() const { return day_cell_; }

 private:
  void add_hours(const MinuteGather& gather, std::size_t item, std::size_t weighted);

  std::uint16_t day_ = 0;
  bool dense_ = false;
  KindTally hour_tally_, day_tally_;
  CountsCell hour_cell_, day_cell_;
  CountsWriter hour_counts_, day_counts_;
  SketchesWriter hour_sketches_, day_sketches_;
  SketchBuilder builder_;
};

}  // namespace kpi
