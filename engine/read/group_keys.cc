#include "engine/read/group_keys.h"

#include <algorithm>

#include "engine/read/condition.h"

namespace kpi {

GroupKeys::GroupKeys(std::span<const DimensionRef> group_by, const Dictionary& dictionary)
    : group_by_(group_by),
      dictionary_(dictionary),
      error_names_(std::make_shared<std::deque<std::string>>()),
      label_columns_(group_by.size(), 0) {
  for (std::size_t i = 0; i < group_by.size(); ++i) {
    const Dimension dimension = group_by[i].dimension;
    by_rp_ |= dimension == Dimension::kRp;
    by_client_ |= dimension == Dimension::kClient;
    by_outcome_ |= dimension == Dimension::kOutcome;
    by_error_ |= dimension == Dimension::kError;
    by_class_ |= dimension == Dimension::kErrorClass;
    by_ui_ |= dimension == Dimension::kUiShown;
    if (dimension != Dimension::kLabel) continue;
    label_columns_[i] = label_ids_.size();
    label_ids_.push_back(dictionary.find_label(group_by[i].label).value_or(0));
  }
}

std::uint32_t& GroupKeys::series_slot(std::uint32_t rp_id, std::uint32_t series_id) {
  if (!by_rp_) return slot_of_client_[dictionary_.series(series_id).client];
  const std::size_t id = by_client_ ? series_id : rp_id;
  if (id >= slot_of_id_.size()) slot_of_id_.resize(std::max(id + 1, slot_of_id_.size() * 2));
  return slot_of_id_[id];
}

std::uint32_t GroupKeys::of_series(std::uint32_t rp_id, std::uint32_t series_id) {
  if (!by_rp_ && !by_client_) return 0;
  std::uint32_t& slot = series_slot(rp_id, series_id);
  if (slot == 0) {
    series_of_key_.push_back(series_id);
    rp_of_key_.push_back(rp_id);
    slot = static_cast<std::uint32_t>(series_of_key_.size());
  }
  return slot - 1;
}

std::uint32_t GroupKeys::of_kind(EventKind kind) {
  std::uint64_t code = 0;
  const bool has_error = kind.outcome() == Outcome::kFailure && !kind.error().none();
  if (by_outcome_) code |= static_cast<std::uint64_t>(kind.outcome()) << 32;
  if (by_ui_) code |= static_cast<std::uint64_t>(kind.ui_shown()) << 34;
  if (by_class_ && has_error) {
    code |= (static_cast<std::uint64_t>(error_class(kind.error())) + 1) << 36;
  }
  if (by_error_ && has_error) code |= kind.packed() >> 4;
  const auto key = static_cast<std::uint32_t>(kind_of_key_.size());
  const auto [entry, is_new] = kind_keys_.try_emplace(code, key);
  if (is_new) kind_of_key_.push_back(kind);
  return entry->second;
}

void GroupKeys::of_labels(const EventColumns& events, std::vector<std::uint32_t>* keys) {
  keys->assign(events.size(), 0);
  if (!by_labels()) return;
  std::vector<const EventColumns::Label*> columns(label_ids_.size(), nullptr);
  for (const EventColumns::Label& label : events.labels) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (label_ids_[c] == label.name_id) columns[c] = &label;
    }
  }
  std::vector<std::uint32_t> values(columns.size()), last;
  for (std::size_t i = 0; i < events.size(); ++i) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      values[c] = columns[c] == nullptr ? 0 : columns[c]->value_ids[i];
    }
    if (values == last) {
      (*keys)[i] = (*keys)[i - 1];
      continue;
    }
    (*keys)[i] = of_values(values);
    last = values;
  }
}

std::uint32_t GroupKeys::of_label(std::uint32_t value_id) {
  if (!by_labels()) return 0;
  return of_values(std::vector<std::uint32_t>(label_ids_.size(), value_id));
}

std::uint32_t GroupKeys::of_values(const std::vector<std::uint32_t>& values) {
  const auto key = static_cast<std::uint32_t>(values_of_key_.size());
  const auto [entry, is_new] = label_keys_.try_emplace(values, key);
  if (is_new) values_of_key_.push_back(values);
  return entry->second;
}

std::string_view GroupKeys::label_text(std::size_t index, std::uint32_t key) const {
  const std::uint32_t value = values_of_key_[key][label_columns_[index]];
  return value == 0 ? std::string_view() : dictionary_.label_value(value).value;
}

std::string_view GroupKeys::text(std::size_t index, const GroupParts& parts) {
  switch (group_by_[index].dimension) {
    case Dimension::kRp:
      return dictionary_.rp(rp_of_key_[parts.series]);
    case Dimension::kClient:
      return dictionary_.series(series_of_key_[parts.series]).client;
    case Dimension::kLabel:
      return label_text(index, parts.labels);
    case Dimension::kOutcome:
    case Dimension::kErrorClass:
    case Dimension::kUiShown:
      return kind_text(group_by_[index].dimension, kind_of_key_[parts.kind], nullptr);
    case Dimension::kError:
      break;
  }
  const auto [entry, is_new] = error_name_of_key_.try_emplace(parts.kind);
  if (is_new) {
    std::string storage;
    if (kind_text(Dimension::kError, kind_of_key_[parts.kind], &storage).data() != nullptr) {
      entry->second = error_names_->emplace_back(std::move(storage));
    }
  }
  return entry->second;
}

}  // namespace kpi
