// Which labels are stored: an allow-list of names, and for each name either a list of values or any
// value up to a cap. What is outside becomes "(other)", so cardinality is bounded whatever is sent.
// Aliases are resolved first: lists and caps are of what is stored.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "server/admission/label_alias.h"

namespace kpi::server {

inline constexpr std::string_view kOtherValue = "(other)";
inline constexpr std::size_t kLabelValuesMaxDefault = 1000;

struct LabelRule {
  std::string name;                      // 1..kLabelNameBytesMax bytes.
  std::vector<std::string> values = {};  // Allowed values; empty: any, the first `values_max`.
  std::size_t values_max = kLabelValuesMaxDefault;
};

// browser, browser_version, os, locale, screen, emails, email_type, rp_api, variant, orphaned,
// new_account, type, idp: any value up to the default cap.
std::vector<LabelRule> default_label_rules();

// Thread-safe. Remembers which values it let pass; a restart begins anew.
class LabelGate {
 public:
  // Later aliases of one value win over earlier ones; those of labels without a rule do nothing.
  explicit LabelGate(std::vector<LabelRule> rules,
                     const std::vector<LabelAlias>& aliases = default_label_aliases());

  // The number of the rule for `name`, or nothing: this label is not stored.
  std::optional<std::uint32_t> find(std::string_view name) const;
  // What to store for `value` (not empty) under rule `rule`: itself, what it is an alias of (one
  // step, no chains), or kOtherValue. A value longer than kLabelValueBytesMax is kOtherValue. Lives
  // as long as `value` and the gate.
  std::string_view admit(std::uint32_t rule, std::string_view value);
  std::string_view name(std::uint32_t rule) const { return rules_[rule].name; }
  std::uint64_t folded() const { return folded_.load(std::memory_order_relaxed); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Values = std::unordered_set<std::string, Hash, std::equal_to<>>;
  using Aliases = std::unordered_map<std::string, std::string, Hash, std::equal_to<>>;
  std::vector<LabelRule> rules_;
  std::vector<Aliases> aliases_;  // By rule.
  std::vector<Values> seen_;      // By rule; guarded by mutex_ where the rule has no fixed values.
  mutable std::shared_mutex mutex_;
  std::atomic<std::uint64_t> folded_{0};
};

}  // namespace kpi::server
