#include "query/compare/loud_senders.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace kpi::query {
namespace {

bool names_few_rps(const Predicate& where) {
  if (where.kind == Predicate::Kind::kAnd) {
    return std::any_of(where.children.begin(), where.children.end(), names_few_rps);
  }
  return where.kind == Predicate::Kind::kDimensionIn &&
         where.dimension.dimension == Dimension::kRp && where.values.size() <= kLoudRpsMax;
}

}  // namespace

void ask_for_senders(ComparePlan& plan) {
  const std::array<AggregateRequest*, 2> sides = {&plan.baseline.request, &plan.candidate.request};
  const bool told = std::all_of(sides.begin(), sides.end(), [](const AggregateRequest* side) {
    return tells_senders(*side) && names_few_rps(side->where);
  });
  for (AggregateRequest* side : sides) side->senders = told;
}

double loud_share(const GroupTable& table, std::size_t group) {
  // Hours count whole, so that at the edges more may be known than was asked for.
  const std::uint64_t reports = std::max(table.counts[group].events, table.senders[group].known);
  if (reports == 0) return 0;
  return static_cast<double>(table.loud[group]) / static_cast<double>(reports);
}

bool has_loud_sender(const JudgedGroup& group) {
  if (!group.loud) return false;
  const auto [low, high] = std::minmax(group.loud->baseline, group.loud->candidate);
  return high > kLoudShareMax && 2 * low < high;
}

std::string loud_warning(const JudgedGroup& group) {
  std::array<char, 200> text{};
  std::snprintf(
      text.data(), text.size(),
      "%.4g %% of the baseline's reports and %.4g %% of the candidate's came from a network "
      "that sent more than half of an RP's hour",
      100 * group.loud->baseline, 100 * group.loud->candidate);
  return "loud sender" + in_group(group) + ": " + text.data() +
         ", so that the difference may be its own: see largest_sender_share() by hour";
}

}  // namespace kpi::query
