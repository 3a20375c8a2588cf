// What a store answers against what the model does, to the last byte of every sketch.
#pragma once
#include <cstdint>
#include <string>

#include "kpi/store.h"

namespace kpi::test {

struct Checked {
  std::string difference = {};  // Empty: the answers are alike. Else what was asked and both.
  bool failed = false;          // The view gave an error; that is the difference.
  std::size_t groups = 0;       // Of the answer.
  std::uint64_t label_cells = 0;
  TimeRange covered = {};
};

// Asks both. Only what `view` says it covers is compared; whether that is enough, the caller knows.
Checked check_aggregate(const View& view, const View& model, AggregateRequest request);
// Likewise, and that events of a series and day come in order of time.
Checked check_scan(const View& view, const View& model, ScanRequest request);
// Counts, sums, min and max of a measure over all of `covered` are exact, and quantiles within
// kSketchRelativeErrorMax of the true ones: against the model's events, not its sketches.
Checked check_quantiles(const View& view, const View& model, const std::string& measure);

}  // namespace kpi::test
