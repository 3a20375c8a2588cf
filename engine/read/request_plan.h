// What a request will read, before anything is read: its conditions by level, its series, and the
// steps in time.
#pragma once
#include <vector>

#include "engine/read/filter.h"
#include "engine/read/read_source.h"
#include "engine/read/series_set.h"
#include "engine/read/time_plan.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

// From so many series for each slab on, whole days are counted from slabs.
inline constexpr std::size_t kSlabSeriesMin = 64;

struct RequestPlan {
  Filter filter;
  SeriesSet series = SeriesSet::all();
  bool all_rps = false;            // Cells of all RPs answer.
  const Rollup* rollup = nullptr;  // The source's: whose label cells answer, if any do.
  std::vector<TimeStep> steps;     // The live rows last, unless nothing is asked for.
  TimeRange read;                  // The steps' range.
  TimeRange covered;               // The same in the request's terms: see AggregateResult.
};

// Errors are those of a bad request. The request outlives the plan.
Result<RequestPlan> plan_aggregate(const ReadSource& source, const AggregateRequest& request);
Result<RequestPlan> plan_scan(const ReadSource& source, const ScanRequest& request);

// The steps as an answer reports them, nothing read yet.
std::vector<ReadStep> outline(const RequestPlan& plan, const ReadSource& source);

}  // namespace kpi
