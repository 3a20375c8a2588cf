// Names <-> dense 32-bit ids. Ids start at 1 and are never reused; 0 means "all" in keys and
// "none" in columns. A series id stands for the pair (RP, client), a label value id for the pair
// (label name, value). Names live as long as the dictionary, so views of them may be kept.
// Thread-safe: readers share a lock, only the committer adds.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kpi/result.h"

namespace kpi {

// Persistent: the first byte of a key of the column family `names`.
enum class NameKind : std::uint8_t {
  kRp = 1,
  kSeries = 2,
  kMeasure = 3,
  kLabel = 4,
  kLabelValue = 5
};

class Dictionary {
 public:
  struct Series {
    std::uint32_t rp_id = 0;
    std::string_view client;
  };
  struct LabelValue {
    std::uint32_t label_id = 0;
    std::string_view value;
  };

  std::optional<std::uint32_t> find_rp(std::string_view rp) const;
  std::optional<std::uint32_t> find_series(std::uint32_t rp_id, std::string_view client) const;
  std::optional<std::uint32_t> find_measure(std::string_view name) const;
  std::optional<std::uint32_t> find_label(std::string_view name) const;
  std::optional<std::uint32_t> find_label_value(std::uint32_t label_id,
                                                std::string_view value) const;

  // Of ids that exist (asserted).
  std::string_view rp(std::uint32_t id) const;
  Series series(std::uint32_t id) const;
  std::string_view measure(std::uint32_t id) const;
  std::string_view label(std::uint32_t id) const;
  LabelValue label_value(std::uint32_t id) const;

  // Ids are 1..count.
  std::uint32_t count(NameKind kind) const;
  std::vector<std::uint32_t> series_of_rp(std::uint32_t rp_id) const;  // Ascending.
  // Series of an RP, or values of a label; 0 for an id that is not.
  std::uint32_t children(NameKind parent_kind, std::uint32_t parent) const;
  // rp_of_series()[id] for every series id (index 0 unused): one lock for a whole ranking.
  std::vector<std::uint32_t> rp_of_series() const;

  // Finds or adds. `parent` is the RP's id for series, the label's for values, else 0.
  struct Added {
    std::uint32_t id = 0;
    bool is_new = false;
  };
  Added intern(NameKind kind, std::uint32_t parent, std::string_view name);
  // Puts back a stored name at its id; names must come in order of id. kCorruption otherwise.
  Status restore(NameKind kind, std::uint32_t id, std::uint32_t parent, std::string_view name);

 private:
  struct Entry {
    std::uint32_t parent = 0;
    std::string name;
  };
  struct Table {
    std::deque<Entry> entries;                                  // entries[id - 1]; never moved.
    std::unordered_multimap<std::uint64_t, std::uint32_t> ids;  // By hash of (parent, name).
  };

  const Table& table(NameKind kind) const { return tables_[static_cast<std::size_t>(kind) - 1]; }
  Table& table(NameKind kind) { return tables_[static_cast<std::size_t>(kind) - 1]; }
  std::optional<std::uint32_t> find(NameKind kind, std::uint32_t parent,
                                    std::string_view name) const;
  const Entry& entry(NameKind kind, std::uint32_t id) const;
  void add(NameKind kind, std::uint32_t parent, std::string_view name, std::uint64_t hash);

  mutable std::shared_mutex mutex_;
  Table tables_[5];
  std::vector<std::vector<std::uint32_t>> series_by_rp_;  // [rp_id - 1]
  std::vector<std::uint32_t> values_of_label_;            // How many: [label_id - 1]
};

}  // namespace kpi
