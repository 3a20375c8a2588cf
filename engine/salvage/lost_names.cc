#include "engine/salvage/lost_names.h"

#include <utility>

namespace kpi {
namespace {

// A parent that is known stays, whoever else uses the same id.
void note(std::map<std::uint32_t, std::uint32_t>* parents, std::uint32_t id, std::uint32_t parent) {
  if (id == 0) return;
  std::uint32_t& known = (*parents)[id];
  if (known == 0) known = parent;
}

// Measures and labels stand beside each other in statements.
std::string lost_name(NameKind kind, std::uint32_t id) {
  const char* const what = kind == NameKind::kMeasure ? "measure "
                           : kind == NameKind::kLabel ? "label "
                                                      : "";
  return "(lost " + (what + std::to_string(id)) + ")";
}

}  // namespace

void LostNames::add(const NameKey& key, std::uint32_t parent, std::string name) {
  names_[key.kind - 1][key.id] = {parent, std::move(name)};
}

void LostNames::use_rp(std::uint32_t id) { rps_.insert(id); }

void LostNames::use_series(std::uint32_t id, std::uint32_t rp) { note(&rp_of_, id, rp); }

void LostNames::use_measure(std::uint32_t id) { measures_.insert(id); }

void LostNames::use_label_value(std::uint32_t id, std::uint32_t label) {
  note(&label_of_, id, label);
}

std::uint32_t LostNames::last(NameKind kind) {
  return names(kind).empty() ? 0 : names(kind).rbegin()->first;
}

void LostNames::invent(NameKind kind, std::uint32_t id, std::uint32_t parent, const Put& invented) {
  if (id == 0 || names(kind).contains(id)) return;
  Name name{parent, lost_name(kind, id)};
  invented({static_cast<std::uint8_t>(kind), id}, parent, name.name);
  names(kind)[id] = std::move(name);
}

void LostNames::fill_up(NameKind kind, std::uint32_t parent, const Put& invented) {
  const std::uint32_t end = last(kind);
  for (std::uint32_t id = 1; id <= end; ++id) invent(kind, id, parent, invented);
}

// A series of which nothing is stored may have any RP; those whose RP nobody knows share one.
void LostNames::fill_series(const Put& invented) {
  for (const auto& [id, rp] : rp_of_) {
    if (rp != 0) invent(NameKind::kSeries, id, rp, invented);
  }
  for (const auto& [id, name] : names(NameKind::kSeries)) {
    invent(NameKind::kRp, name.parent, 0, invented);
  }
  for (const std::uint32_t id : rps_) invent(NameKind::kRp, id, 0, invented);
  const std::uint32_t unknown = last(NameKind::kRp) + 1;
  for (const auto& [id, rp] : rp_of_) {
    if (rp != 0 || names(NameKind::kSeries).contains(id)) continue;
    invent(NameKind::kRp, unknown, 0, invented);
    invent(NameKind::kSeries, id, unknown, invented);
  }
  fill_up(NameKind::kRp, 0, invented);
  fill_up(NameKind::kSeries, 1, invented);
}

// An event has at most one value of a label: values whose label nobody knows get one each.
void LostNames::fill_label_values(const Put& invented) {
  for (const auto& [id, label] : label_of_) {
    if (label != 0) invent(NameKind::kLabelValue, id, label, invented);
  }
  for (const auto& [id, name] : names(NameKind::kLabelValue)) {
    invent(NameKind::kLabel, name.parent, 0, invented);
  }
  for (const auto& [id, label] : label_of_) {
    if (label != 0 || names(NameKind::kLabelValue).contains(id)) continue;
    const std::uint32_t unknown = last(NameKind::kLabel) + 1;
    invent(NameKind::kLabel, unknown, 0, invented);
    invent(NameKind::kLabelValue, id, unknown, invented);
  }
  fill_up(NameKind::kLabel, 0, invented);
  fill_up(NameKind::kLabelValue, 1, invented);
}

Status LostNames::fill(Dictionary* dictionary, const Put& put, const Put& invented) {
  fill_series(invented);
  for (const std::uint32_t id : measures_) invent(NameKind::kMeasure, id, 0, invented);
  fill_up(NameKind::kMeasure, 0, invented);
  fill_label_values(invented);
  for (const NameKind kind : {NameKind::kRp, NameKind::kSeries, NameKind::kMeasure,
                              NameKind::kLabel, NameKind::kLabelValue}) {
    for (const auto& [id, name] : names(kind)) {
      Status restored = dictionary->restore(kind, id, name.parent, name.name);
      if (!restored.ok()) return restored;
      put({static_cast<std::uint8_t>(kind), id}, name.parent, name.name);
    }
  }
  return ok_status();
}

}  // namespace kpi
