#include "server/admission/label_gate.h"

#include "kpi/limits.h"

namespace kpi::server {

std::vector<LabelRule> default_label_rules() {
  std::vector<LabelRule> rules;
  for (const char* name :
       {"browser", "browser_version", "os", "locale", "screen", "emails", "email_type", "rp_api",
        "variant", "orphaned", "new_account", "type", "idp"}) {
    rules.push_back({name});
  }
  return rules;
}

LabelGate::LabelGate(std::vector<LabelRule> rules, const std::vector<LabelAlias>& aliases)
    : rules_(std::move(rules)), aliases_(rules_.size()) {
  for (const LabelRule& rule : rules_) seen_.emplace_back(rule.values.begin(), rule.values.end());
  for (const LabelAlias& alias : aliases) {
    if (const auto rule = find(alias.label)) aliases_[*rule][alias.value] = alias.stored;
  }
}

std::optional<std::uint32_t> LabelGate::find(std::string_view name) const {
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].name == name) return i;
  }
  return std::nullopt;
}

std::string_view LabelGate::admit(std::uint32_t rule, std::string_view value) {
  const bool fixed = !rules_[rule].values.empty();
  if (const auto alias = aliases_[rule].find(value); alias != aliases_[rule].end()) {
    value = alias->second;
  }
  if (value.size() <= kLabelValueBytesMax) {
    {
      const std::shared_lock lock(mutex_);
      if (seen_[rule].contains(value)) return value;
    }
    if (!fixed) {
      const std::unique_lock lock(mutex_);
      Values& seen = seen_[rule];
      if (seen.size() < rules_[rule].values_max || seen.contains(value)) {
        seen.emplace(value);
        return value;
      }
    }
  }
  folded_.fetch_add(1, std::memory_order_relaxed);
  return kOtherValue;
}

}  // namespace kpi::server
