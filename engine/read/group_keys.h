// GROUP BY as small dense keys: one for what the series decides, one for what the kind decides, one
// for labels; and back to the text that each stands for.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/chunk/event_columns.h"
#include "engine/dictionary/dictionary.h"
#include "kpi/store.h"

namespace kpi {

// What makes a group, apart from its time bucket. Keys are dense, from 0.
struct GroupParts {
  std::uint32_t series = 0, kind = 0, labels = 0;
  auto operator<=>(const GroupParts&) const = default;
};

// Not thread-safe. The dictionary and `group_by` outlive it.
class GroupKeys {
 public:
  GroupKeys(std::span<const DimensionRef> group_by, const Dictionary& dictionary);

  bool by_labels() const { return !label_ids_.empty(); }
  std::uint32_t of_series(std::uint32_t rp_id, std::uint32_t series_id);
  std::uint32_t of_kind(EventKind kind);
  // Replaces *keys by one key an event.
  void of_labels(const EventColumns& events, std::vector<std::uint32_t>* keys);

  // Of events with this value of the one label that is grouped by; 0: without it.
  std::uint32_t of_label(std::uint32_t value_id);

  // What group_by[index] prints as; data() == nullptr: NULL. Lives as long as the dictionary and
  // names().
  std::string_view text(std::size_t index, const GroupParts& parts);
  // Keeps the names alive that are neither static nor the dictionary's.
  std::shared_ptr<const void> names() const { return error_names_; }

 private:
  std::uint32_t& series_slot(std::uint32_t rp_id, std::uint32_t series_id);
  std::uint32_t of_values(const std::vector<std::uint32_t>& values);
  std::string_view label_text(std::size_t index, std::uint32_t key) const;

  const std::span<const DimensionRef> group_by_;
  const Dictionary& dictionary_;
  bool by_rp_ = false, by_client_ = false;
  bool by_outcome_ = false, by_error_ = false, by_class_ = false, by_ui_ = false;

  // 1 + the key; 0: none yet. A series is the only one of its RP and client.
  std::vector<std::uint32_t> slot_of_id_;  // By RP's id, or by series' where clients count too.
  std::unordered_map<std::string_view, std::uint32_t> slot_of_client_;
  std::vector<std::uint32_t> series_of_key_;  // One that stands for each key.
  std::vector<std::uint32_t> rp_of_key_;

  std::unordered_map<std::uint64_t, std::uint32_t> kind_keys_;
  std::vector<EventKind> kind_of_key_;  // One that stands for each key.
  std::shared_ptr<std::deque<std::string>> error_names_;
  std::unordered_map<std::uint32_t, std::string_view> error_name_of_key_;

  std::vector<std::uint32_t> label_ids_;    // 0: no such label.
  std::vector<std::size_t> label_columns_;  // By index in group_by: which of label_ids_.
  std::map<std::vector<std::uint32_t>, std::uint32_t> label_keys_;
  std::vector<std::vector<std::uint32_t>> values_of_key_;
};

}  // namespace kpi
