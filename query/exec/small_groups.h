// Groups that are too small to be shown to a reader, and those that must be hidden with them so
// that no total gives them away.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/function/group_table.h"

namespace kpi::query {

// sizes[group], in reports. dimensions[dimension][group]: equal numbers for equal values.
// Hidden are groups of 1 to min - 1 reports; and, smallest first, so many others that in every
// total, over any of the dimensions, those hidden are at least two and have `min` reports together;
// and all within what is hidden of the groups over fewer of the dimensions.
std::vector<bool> groups_to_hide(const std::vector<std::uint64_t>& sizes,
                                 const std::vector<std::vector<std::uint32_t>>& dimensions,
                                 std::uint64_t min);

// Of the columns of a table of groups, `keys` by `names`; a bucket is a day and a time of the day.
// The same whatever the order of the names and of the groups.
std::vector<std::vector<std::uint32_t>> dimensions_of(
    const std::vector<DimensionRef>& names, const std::vector<std::int64_t>& bucket_begin_ms,
    const std::vector<std::vector<std::string_view>>& keys);

// Sets what is hidden of `table`, whose keys are `names`, by Options::min_group_size, as far as its
// groups alone tell.
void hide_small_groups(const std::vector<DimensionRef>& names, const Options& options,
                       GroupTable& table);

// What a reader is told of it.
void note_hidden(const GroupTable& table, const Options& options, std::vector<std::string>& notes);
// kPermissionDenied where groups are hidden and `what` would show single events.
Status no_single_events(const Options& options, const char* what, std::size_t position);

}  // namespace kpi::query
