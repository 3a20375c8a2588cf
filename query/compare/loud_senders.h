// One loud sender is no trend: where far more of one side's reports than of the other's come from a
// network that drowns the others, the difference may be its own.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "query/compare/compare_plan.h"
#include "query/compare/judge.h"
#include "query/function/group_table.h"

namespace kpi::query {

// Of more RPs what is known of senders takes longer to read than the rest of a comparison.
inline constexpr std::size_t kLoudRpsMax = 16;
// So much of a side moves a rate by up to 20 points, and the median to between the others' p38 and
// p63. What both sides have alike cancels out: the other side must have less than half of it.
inline constexpr double kLoudShareMax = 0.2;

// Asks for senders where they can tell and are few to read: both sides are of named RPs, and
// conditions and groups of RPs and times alone.
void ask_for_senders(ComparePlan& plan);

// Of a group's reports, those of LoudShares. Requires that senders were asked for.
double loud_share(const GroupTable& table, std::size_t group);
bool has_loud_sender(const JudgedGroup& group);
// One sentence for people, with the group it is about where there are groups. Requires
// has_loud_sender().
std::string loud_warning(const JudgedGroup& group);

}  // namespace kpi::query
