#include "engine/read/request_plan.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "engine/key/partition.h"

namespace kpi {
namespace {

Needs needs_of(const std::vector<DimensionRef>& group_by) {
  Needs needs = 0;
  for (const DimensionRef& reference : group_by) needs |= needs_of(reference.dimension);
  return needs;
}

// Sketches of cells are kept apart by outcome and no further.
bool cells_can_answer(Needs needs, bool wants_sketches) {
  if ((needs & (kNeedsLabel | kNeedsEvent)) != 0) return false;
  return !wants_sketches || (needs & kNeedsKind) == 0;
}

using LabelNames = std::set<std::string_view>;

void add_labels(const Predicate& predicate, LabelNames* labels) {
  for (const Predicate& child : predicate.children) add_labels(child, labels);
  if (predicate.children.empty() && needs_of(predicate) == kNeedsLabel) {
    labels->insert(predicate.dimension.label);
  }
}

// The rollup whose cells can answer: of the only label that the request asks by.
const Rollup* find_rollup(const ReadSource& source, const AggregateRequest& request,
                          const Filter& filter, Needs needs, bool wants_sketches) {
  if (source.rollups.empty() || (needs & kNeedsLabel) == 0) return nullptr;
  if (!cells_can_answer(static_cast<Needs>(needs & ~kNeedsLabel), wants_sketches)) return nullptr;
  LabelNames labels;
  for (const Predicate* predicate : filter.event) add_labels(*predicate, &labels);
  for (const DimensionRef& reference : request.group_by) {
    if (reference.dimension == Dimension::kLabel) labels.insert(reference.label);
  }
  if (labels.size() != 1) return nullptr;
  const auto found =
      std::find_if(source.rollups.begin(), source.rollups.end(),
                   [&](const Rollup& rollup) { return rollup.label == *labels.begin(); });
  return found == source.rollups.end() ? nullptr : &*found;
}

// Slabs have counts by series and day, of all kinds together.
bool slabs_can_answer(const RequestPlan& plan, Needs needs, bool wants_sketches,
                      const Dictionary& dictionary) {
  if (plan.all_rps || wants_sketches || (needs & ~kNeedsSeries) != 0) return false;
  const std::size_t slabs = slab_of(dictionary.count(NameKind::kSeries)) + 1;
  return plan.series.size(dictionary) >= kSlabSeriesMin * slabs;
}

void plan_steps(const TimePlanInput& input, TimeRange asked, RequestPlan* plan) {
  plan->covered = asked;
  plan->read = plan->filter.range;
  if (plan->filter.range.empty()) return;
  TimePlan time = plan_time(input);
  plan->read = time.covered;
  const bool from_begin = time.covered.begin_ms == plan->filter.range.begin_ms;
  const bool to_end = time.covered.end_ms == plan->filter.range.end_ms;
  plan->covered = {from_begin ? asked.begin_ms : time.covered.begin_ms,
                   to_end && !time.covered.empty() ? asked.end_ms : time.covered.end_ms};
  plan->steps = std::move(time.steps);
  if (!time.covered.empty()) plan->steps.push_back({Source::kLive, time.covered});
}

}  // namespace

Result<RequestPlan> plan_aggregate(const ReadSource& source, const AggregateRequest& request) {
  if (request.bucket_width_ms < 0) {
    return Error{ErrorCode::kInvalidArgument, "bucket_width_ms: expected 0 or more"};
  }
  Result<Filter> filter = split_filter(request.where, request.range);
  if (!filter.ok()) return filter.error();
  const Dictionary& dictionary = *source.dictionary;
  RequestPlan plan;
  plan.filter = std::move(filter).value();
  plan.series = SeriesSet::select(plan.filter.series, dictionary);
  const Needs needs = plan.filter.needs | needs_of(request.group_by);
  const bool wants_sketches =
      std::any_of(request.measures.begin(), request.measures.end(),
                  [&](const auto& name) { return dictionary.find_measure(name).has_value(); });
  TimePlanInput input;
  input.range = plan.filter.range;
  input.buckets = TimeBuckets(request.bucket_width_ms, request.bucket_origin_ms);
  input.horizons = source.horizons;
  input.cells = cells_can_answer(needs, wants_sketches);
  plan.rollup = find_rollup(source, request, plan.filter, needs, wants_sketches);
  if (plan.rollup != nullptr) input.label_day = plan.rollup->first_day;
  plan.all_rps = plan.series.is_all() && (needs & kNeedsSeries) == 0;
  input.all_rps = plan.all_rps;
  plan_steps(input, request.range, &plan);
  if (slabs_can_answer(plan, needs, wants_sketches, dictionary)) {
    for (TimeStep& step : plan.steps) {
      if (step.source == Source::kDayCells) step.source = Source::kSlabs;
    }
  }
  return plan;
}

Result<RequestPlan> plan_scan(const ReadSource& source, const ScanRequest& request) {
  Result<Filter> filter = split_filter(request.where, request.range);
  if (!filter.ok()) return filter.error();
  RequestPlan plan;
  plan.filter = std::move(filter).value();
  plan.series = SeriesSet::select(plan.filter.series, *source.dictionary);
  TimePlanInput input;
  input.range = plan.filter.range;
  input.horizons = source.horizons;
  input.cells = false;
  plan_steps(input, request.range, &plan);
  return plan;
}

std::vector<ReadStep> outline(const RequestPlan& plan, const ReadSource& source) {
  std::vector<ReadStep> steps;
  for (const TimeStep& step : plan.steps) {
    ReadStep outlined;
    outlined.source = to_string(step.source);
    outlined.range = step.range;
    const bool of_all =
        plan.all_rps && (step.source == Source::kDayCells || step.source == Source::kHourCells ||
                         step.source == Source::kMinuteCells || step.source == Source::kLabelCells);
    outlined.series = of_all ? 0 : plan.series.size(*source.dictionary);
    steps.push_back(std::move(outlined));
  }
  return steps;
}

}  // namespace kpi
