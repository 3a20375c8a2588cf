#include "engine/dictionary/name_gate.h"

#include <string>

namespace kpi {
namespace {

constexpr std::array<std::string_view, kNameLimitCount> kNames = {
    "relying parties",
    "clients of one relying party",
    "pairs of relying party and client",
    "measures",
    "labels",
    "values of one label"};
constexpr auto kTellAgain = std::chrono::minutes(10);

// Neither takes a place: what is unknown, and what stands for the rest.
bool reserved(std::string_view name) { return name.empty() || name == kOtherName; }

}  // namespace

bool NameGate::keeps(std::string_view rp, std::string_view client) const {
  return options_.keeps_name && options_.keeps_name(rp, client);
}

std::uint64_t NameGate::rps() const {
  const std::uint64_t apart =
      (dictionary_.find_rp({}) ? 1U : 0U) + (dictionary_.find_rp(kOtherName) ? 1U : 0U);
  return dictionary_.count(NameKind::kRp) - apart;
}

std::uint64_t NameGate::clients(std::uint32_t rp_id) const {
  if (rp_id == 0) return 0;
  const std::uint64_t apart = (dictionary_.find_series(rp_id, {}) ? 1U : 0U) +
                              (dictionary_.find_series(rp_id, kOtherName) ? 1U : 0U);
  return dictionary_.children(NameKind::kRp, rp_id) - apart;
}

// The limit that one name more would break; none where there is room. Says in time that it fills.
NameLimitSet NameGate::take(NameLimit limit, std::uint64_t count, std::uint64_t most) {
  if (count >= most) {
    tell(limit, most, true);
    return limit;
  }
  if ((count + 1) >= most - most / 5) tell(limit, most, false);
  return {};
}

void NameGate::tell(NameLimit limit, std::uint64_t most, bool full) {
  Told& told = told_[static_cast<std::size_t>(limit)];
  if (!options_.log || (!full && told.nearly_full)) return;
  const auto now = Clock::now();
  if (full && told.full != Clock::time_point{} && now - told.full < kTellAgain) return;
  told.nearly_full = true;
  if (full) told.full = now;
  std::string text = "names: the limit of " + std::to_string(most) + ' ';
  text += kNames[static_cast<std::size_t>(limit)];
  text +=
      full ? " is reached: new ones count under " + std::string(kOtherName) : " is 80 % reached";
  options_.log(EngineOptions::LogLevel::kWarning, text);
}

NameGate::Series NameGate::series(std::string_view rp, std::string_view client) {
  const auto rp_id = dictionary_.find_rp(rp);
  if (rp_id) {
    if (const auto id = dictionary_.find_series(*rp_id, client)) return {*id, rp, client, {}};
  } else if (!reserved(rp) && !keeps(rp, {})) {
    const NameLimitSet met = take(NameLimit::kRps, rps(), options_.name_limits.rps);
    if (met.any()) return {0, kOtherName, client.empty() ? client : kOtherName, met};
  }
  if (reserved(client) || keeps(rp, client)) return {0, rp, client, {}};
  if (rp == kOtherName) return {0, rp, kOtherName, {}};
  NameLimitSet met =
      take(NameLimit::kClients, clients(rp_id.value_or(0)), options_.name_limits.clients);
  if (!met.any()) {
    met =
        take(NameLimit::kSeries, dictionary_.count(NameKind::kSeries), options_.name_limits.series);
  }
  return {0, rp, met.any() ? kOtherName : client, met};
}

NameGate::Name NameGate::measure(std::string_view name) {
  if (const auto id = dictionary_.find_measure(name)) return {*id, name, {}};
  if (name == kOtherName || (options_.keeps_measure && options_.keeps_measure(name))) {
    return {0, name, {}};
  }
  const std::uint64_t known =
      dictionary_.count(NameKind::kMeasure) - (dictionary_.find_measure(kOtherName) ? 1U : 0U);
  const NameLimitSet met = take(NameLimit::kMeasures, known, options_.name_limits.measures);
  if (!met.any()) return {0, name, {}};
  return {dictionary_.find_measure(kOtherName).value_or(0), kOtherName, met};
}

NameGate::Label NameGate::label(std::string_view label, std::string_view value) {
  const auto label_id = dictionary_.find_label(label);
  if (label_id) {
    if (dictionary_.find_label_value(*label_id, value)) return {label, value, {}};
  } else if (label != kOtherName) {
    const std::uint64_t known =
        dictionary_.count(NameKind::kLabel) - (dictionary_.find_label(kOtherName) ? 1U : 0U);
    const NameLimitSet met = take(NameLimit::kLabels, known, options_.name_limits.labels);
    if (met.any()) return {kOtherName, kOtherName, met};
  }
  if (value == kOtherName) return {label, value, {}};
  if (label == kOtherName) return {label, kOtherName, {}};
  const std::uint32_t id = label_id.value_or(0);
  const bool has_other = id != 0 && dictionary_.find_label_value(id, kOtherName).has_value();
  const std::uint64_t known = dictionary_.children(NameKind::kLabel, id) - (has_other ? 1U : 0U);
  const NameLimitSet met = take(NameLimit::kLabelValues, known, options_.name_limits.label_values);
  return {label, met.any() ? kOtherName : value, met};
}

void NameGate::count(NameLimitSet met) {
  for (std::size_t i = 0; i < kNameLimitCount; ++i) {
    if (met.has(static_cast<NameLimit>(i))) events_[i].fetch_add(1, std::memory_order_relaxed);
  }
}

NameLimits NameGate::events_under_other() const {
  const auto read = [&](NameLimit limit) {
    return events_[static_cast<std::size_t>(limit)].load(std::memory_order_relaxed);
  };
  return {read(NameLimit::kRps),      read(NameLimit::kClients), read(NameLimit::kSeries),
          read(NameLimit::kMeasures), read(NameLimit::kLabels),  read(NameLimit::kLabelValues)};
}

}  // namespace kpi
