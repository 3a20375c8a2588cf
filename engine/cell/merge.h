// How cells values of one key become one: exact integer addition, so any order and grouping gives
// the same bytes. All operands at once; what is alone is copied as it is.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "engine/key/partition.h"
#include "kpi/result.h"

namespace kpi {

// Replaces *merged, which must not be one of `values`. Values come in any order, at least one.
// A damaged value is an error and *merged is unspecified: never a wrong number.
Status merge_counts(std::span<const std::string_view> values, std::string* merged);
Status merge_sketches(std::span<const std::string_view> values, std::string* merged);
Status merge_slabs(std::span<const std::string_view> values, std::string* merged);
Status merge_cells(CellKind kind, std::span<const std::string_view> values, std::string* merged);

}  // namespace kpi
