// Chrome's FedCM metrics form (flag `fedcm-metrics-endpoint`), v1 without `outcome` and v2 with it.
#pragma once
#include "server/dialect/intake.h"

namespace kpi::server {

void parse_chrome_form(Intake& intake);

}  // namespace kpi::server
