#include "engine/dictionary/dictionary.h"

#include <xxhash.h>

#include <mutex>

#include "kpi/assert.h"

namespace kpi {
namespace {

std::uint64_t hash_name(std::uint32_t parent, std::string_view name) {
  return XXH3_64bits_withSeed(name.data(), name.size(), parent);
}

}  // namespace

std::optional<std::uint32_t> Dictionary::find(NameKind kind, std::uint32_t parent,
                                              std::string_view name) const {
  const Table& names = table(kind);
  const auto [begin, end] = names.ids.equal_range(hash_name(parent, name));
  for (auto it = begin; it != end; ++it) {
    const Entry& entry = names.entries[it->second - 1];
    if (entry.parent == parent && entry.name == name) return it->second;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Dictionary::find_rp(std::string_view rp) const {
  const std::shared_lock lock(mutex_);
  return find(NameKind::kRp, 0, rp);
}
std::optional<std::uint32_t> Dictionary::find_series(std::uint32_t rp_id,
                                                     std::string_view client) const {
  const std::shared_lock lock(mutex_);
  return find(NameKind::kSeries, rp_id, client);
}
std::optional<std::uint32_t> Dictionary::find_measure(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  return find(NameKind::kMeasure, 0, name);
}
std::optional<std::uint32_t> Dictionary::find_label(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  return find(NameKind::kLabel, 0, name);
}
std::optional<std::uint32_t> Dictionary::find_label_value(std::uint32_t label_id,
                                                          std::string_view value) const {
  const std::shared_lock lock(mutex_);
  return find(NameKind::kLabelValue, label_id, value);
}

const Dictionary::Entry& Dictionary::entry(NameKind kind, std::uint32_t id) const {
  const std::shared_lock lock(mutex_);
  const Table& names = table(kind);
  KPI_ASSERT(id >= 1 && id <= names.entries.size());
  return names.entries[id - 1];  // Entries never move and never change.
}

std::string_view Dictionary::rp(std::uint32_t id) const { return entry(NameKind::kRp, id).name; }
Dictionary::Series Dictionary::series(std::uint32_t id) const {
  const Entry& found = entry(NameKind::kSeries, id);
  return {found.parent, found.name};
}
std::string_view Dictionary::measure(std::uint32_t id) const {
  return entry(NameKind::kMeasure, id).name;
}
std::string_view Dictionary::label(std::uint32_t id) const {
  return entry(NameKind::kLabel, id).name;
}
Dictionary::LabelValue Dictionary::label_value(std::uint32_t id) const {
  const Entry& found = entry(NameKind::kLabelValue, id);
  return {found.parent, found.name};
}

std::uint32_t Dictionary::count(NameKind kind) const {
  const std::shared_lock lock(mutex_);
  return static_cast<std::uint32_t>(table(kind).entries.size());
}

std::uint32_t Dictionary::children(NameKind parent_kind, std::uint32_t parent) const {
  const std::shared_lock lock(mutex_);
  if (parent == 0 || parent > table(parent_kind).entries.size()) return 0;
  if (parent_kind == NameKind::kLabel) return values_of_label_[parent - 1];
  KPI_ASSERT(parent_kind == NameKind::kRp);
  return static_cast<std::uint32_t>(series_by_rp_[parent - 1].size());
}

std::vector<std::uint32_t> Dictionary::series_of_rp(std::uint32_t rp_id) const {
  const std::shared_lock lock(mutex_);
  KPI_ASSERT(rp_id >= 1 && rp_id <= series_by_rp_.size());
  return series_by_rp_[rp_id - 1];
}

std::vector<std::uint32_t> Dictionary::rp_of_series() const {
  const std::shared_lock lock(mutex_);
  const Table& names = table(NameKind::kSeries);
  std::vector<std::uint32_t> rp_ids(names.entries.size() + 1, 0);
  for (std::size_t i = 0; i < names.entries.size(); ++i) rp_ids[i + 1] = names.entries[i].parent;
  return rp_ids;
}

// The committer is the only writer, so it may search without the lock.
Dictionary::Added Dictionary::intern(NameKind kind, std::uint32_t parent, std::string_view name) {
  if (const auto found = find(kind, parent, name)) return {*found, false};
  const std::unique_lock lock(mutex_);
  add(kind, parent, name, hash_name(parent, name));
  return {static_cast<std::uint32_t>(table(kind).entries.size()), true};
}

void Dictionary::add(NameKind kind, std::uint32_t parent, std::string_view name,
                     std::uint64_t hash) {
  Table& names = table(kind);
  names.entries.push_back({parent, std::string(name)});
  const auto id = static_cast<std::uint32_t>(names.entries.size());
  names.ids.emplace(hash, id);
  if (kind == NameKind::kRp) series_by_rp_.emplace_back();
  if (kind == NameKind::kSeries) series_by_rp_[parent - 1].push_back(id);
  if (kind == NameKind::kLabel) values_of_label_.push_back(0);
  if (kind == NameKind::kLabelValue) ++values_of_label_[parent - 1];
}

Status Dictionary::restore(NameKind kind, std::uint32_t id, std::uint32_t parent,
                           std::string_view name) {
  const std::unique_lock lock(mutex_);
  const bool has_parent = kind == NameKind::kSeries || kind == NameKind::kLabelValue;
  const NameKind parent_kind = kind == NameKind::kSeries ? NameKind::kRp : NameKind::kLabel;
  const std::size_t parents = has_parent ? table(parent_kind).entries.size() : 0;
  if (id != table(kind).entries.size() + 1 || (has_parent ? parent == 0 : parent != 0) ||
      parent > parents) {
    return Error{ErrorCode::kCorruption,
                 "names: id " + std::to_string(id) + " of kind " +
                     std::to_string(static_cast<int>(kind)) + " is out of order",
                 {},
                 0};
  }
  add(kind, parent, name, hash_name(parent, name));
  return ok_status();
}

}  // namespace kpi
