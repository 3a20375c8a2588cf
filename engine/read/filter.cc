#include "engine/read/filter.h"

#include <algorithm>

#include "kpi/limits.h"

namespace kpi {
namespace {

using Kind = Predicate::Kind;

Error bad_predicate(const char* expected) {
  return {ErrorCode::kInvalidArgument, std::string("predicate: expected ") + expected};
}

Status check(const Predicate& predicate, int depth) {
  if (depth > kPredicateDepthMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "predicate: nested deeper than " + std::to_string(kPredicateDepthMax) + " levels"};
  }
  const bool joins = predicate.kind == Kind::kAnd || predicate.kind == Kind::kOr;
  if (joins && predicate.children.empty()) return bad_predicate("at least one child of AND or OR");
  if (predicate.kind == Kind::kNot && predicate.children.size() != 1) {
    return bad_predicate("one child of NOT");
  }
  if (predicate.kind == Kind::kDimensionLike && predicate.values.size() != 1) {
    return bad_predicate("one pattern of LIKE");
  }
  for (const Predicate& child : predicate.children) {
    if (Status status = check(child, depth + 1); !status.ok()) return status;
  }
  return ok_status();
}

void add_conjuncts(const Predicate& predicate, Filter* filter) {
  if (predicate.kind == Kind::kAnd) {
    for (const Predicate& child : predicate.children) add_conjuncts(child, filter);
    return;
  }
  if (predicate.kind == Kind::kTrue) return;
  if (predicate.kind == Kind::kTime) {
    filter->range = intersect(filter->range, predicate.range);
    return;
  }
  const Needs needs = needs_of(predicate);
  if ((needs & ~kNeedsSeries) != 0) filter->needs |= needs;
  Conjuncts& conjuncts = (needs & (kNeedsLabel | kNeedsEvent)) != 0    ? filter->event
                         : (needs & (kNeedsOutcome | kNeedsKind)) != 0 ? filter->kind
                                                                       : filter->series;
  conjuncts.push_back(&predicate);
}

}  // namespace

Needs needs_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kRp:
    case Dimension::kClient:
      return kNeedsSeries;
    case Dimension::kOutcome:
      return kNeedsOutcome;
    case Dimension::kError:
    case Dimension::kErrorClass:
    case Dimension::kUiShown:
      return kNeedsKind;
    case Dimension::kLabel:
      break;
  }
  return kNeedsLabel;
}

Needs needs_of(const Predicate& predicate) {
  switch (predicate.kind) {
    case Kind::kTrue:
      return 0;
    case Kind::kAnd:
    case Kind::kOr:
    case Kind::kNot: {
      Needs needs = 0;
      for (const Predicate& child : predicate.children) needs |= needs_of(child);
      return needs;
    }
    case Kind::kDimensionIn:
    case Kind::kDimensionLike:
    case Kind::kDimensionIsNull:
      return needs_of(predicate.dimension.dimension);
    case Kind::kMeasureCompare:
    case Kind::kMeasureIsNull:
    case Kind::kTime:
      break;
  }
  return kNeedsEvent;
}

Result<Filter> split_filter(const Predicate& where, TimeRange range) {
  if (Status status = check(where, 1); !status.ok()) return status.error();
  Filter filter;
  filter.range = intersect(range, {0, kTimeMsMax + 1});
  add_conjuncts(where, &filter);
  return filter;
}

TimeRange intersect(TimeRange a, TimeRange b) {
  return {std::max(a.begin_ms, b.begin_ms), std::min(a.end_ms, b.end_ms)};
}

}  // namespace kpi
