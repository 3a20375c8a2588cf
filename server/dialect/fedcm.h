// The FedCM proposal form (w3c-fedid/FedCM issue 352), alone or in a Reporting API batch: one JSON
// object or an array of them. What has no FedCM body but a `type` is a report of someone else's.
#pragma once
#include "server/dialect/intake.h"
#include "server/dialect/json.h"

namespace kpi::server {

inline constexpr std::size_t kTimingNamesMax = 32;            // Of one report.
inline constexpr std::int64_t kReportAgeMsMax = 30 * kDayMs;  // Senders retry for hours.

void parse_fedcm_json(Intake& intake, JsonParser& json);

}  // namespace kpi::server
