#include "engine/salvage/lost_names.h"

#include <utility>

namespace kpi {
namespace {

constexpr std::size_t index_of(NameKind kind) { return static_cast<std::size_t>(kind) - 1; }

}  // namespace

void LostNames::add(const NameKey& key, std::uint32_t parent, std::string name) {
  names_[key.kind - 1][key.id] = {parent, std::move(name)};
}

void LostNames::add_use(std::uint32_t rp, std::uint32_t series) {
  if (rp != 0 && series != 0) rp_of_series_[series] = rp;
}

Status LostNames::fill(Dictionary* dictionary, const Put& put, const Put& invented) {
  const auto invent = [&](NameKind kind, std::uint32_t id, std::uint32_t parent) {
    if (id == 0 || names_[index_of(kind)].contains(id)) return;
    Name name{parent, "(lost " + std::to_string(id) + ")"};
    invented({static_cast<std::uint8_t>(kind), id}, parent, name.name);
    names_[index_of(kind)][id] = std::move(name);
  };
  const auto fill_up = [&](NameKind kind, auto parent_of) {
    auto& names = names_[index_of(kind)];
    const std::uint32_t last = names.empty() ? 0 : names.rbegin()->first;
    for (std::uint32_t id = 1; id <= last; ++id) invent(kind, id, parent_of(id));
  };
  const auto no_parent = [](std::uint32_t) { return 0U; };
  // A series of which nothing is stored may have any RP.
  const auto rp_of = [&](std::uint32_t series) {
    const auto used = rp_of_series_.find(series);
    return used == rp_of_series_.end() ? 1U : used->second;
  };
  for (const auto& [series, rp] : rp_of_series_) invent(NameKind::kSeries, series, rp);
  fill_up(NameKind::kSeries, rp_of);
  for (const auto& [id, name] : names_[index_of(NameKind::kSeries)]) {
    invent(NameKind::kRp, name.parent, 0);
  }
  fill_up(NameKind::kRp, no_parent);
  fill_up(NameKind::kMeasure, no_parent);
  fill_up(NameKind::kLabelValue, [](std::uint32_t) { return 1U; });
  for (const auto& [id, name] : names_[index_of(NameKind::kLabelValue)]) {
    invent(NameKind::kLabel, name.parent, 0);
  }
  fill_up(NameKind::kLabel, no_parent);
  for (const NameKind kind : {NameKind::kRp, NameKind::kSeries, NameKind::kMeasure,
                              NameKind::kLabel, NameKind::kLabelValue}) {
    for (const auto& [id, name] : names_[index_of(kind)]) {
      Status restored = dictionary->restore(kind, id, name.parent, name.name);
      if (!restored.ok()) return restored;
      put({static_cast<std::uint8_t>(kind), id}, name.parent, name.name);
    }
  }
  return ok_status();
}

}  // namespace kpi
