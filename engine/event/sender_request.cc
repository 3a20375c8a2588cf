#include <algorithm>

#include "kpi/store.h"

namespace kpi {
namespace {

bool is_by_rp(const DimensionRef& by) { return by.dimension == Dimension::kRp; }

bool is_by_rp_and_time(const Predicate& where) {
  using Kind = Predicate::Kind;
  switch (where.kind) {
    case Kind::kDimensionIn:
    case Kind::kDimensionLike:
    case Kind::kDimensionIsNull:
      return is_by_rp(where.dimension);
    case Kind::kMeasureCompare:
    case Kind::kMeasureIsNull:
      return false;
    default:
      return std::all_of(where.children.begin(), where.children.end(), is_by_rp_and_time);
  }
}

}  // namespace

bool tells_senders(const AggregateRequest& request) {
  return std::all_of(request.group_by.begin(), request.group_by.end(), is_by_rp) &&
         is_by_rp_and_time(request.where) && request.bucket_width_ms % kHourMs == 0 &&
         request.bucket_origin_ms % kHourMs == 0;
}

}  // namespace kpi
