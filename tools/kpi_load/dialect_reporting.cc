#include "tools/kpi_load/dialects.h"

namespace kpi::load {

void append_reporting_body(std::string& out, std::span<const Attempt> attempts, std::int64_t now_ms,
                           Random& random) {
  constexpr std::int64_t kAgeMsMax = 3'600'000;  // Browsers deliver within minutes to an hour.
  out.push_back('[');
  for (const Attempt& attempt : attempts) {
    const std::int64_t behind = now_ms - attempt.time_ms;
    const bool plausible = behind >= 0 && behind < kAgeMsMax;
    out.append(out.back() == '[' ? "{\"age\":" : ",{\"age\":");
    append_number(out, plausible ? behind : static_cast<std::int64_t>(random.below(60'000)));
    out.append(R"x(,"type":"fedcm-metrics","user_agent":"Mozilla/5.0 (X11; Linux x86_64)",)x");
    std::string report;
    append_fedcm_body(report, attempt);
    out.append(report, 1);  // Its body and url, without the opening brace.
  }
  out.push_back(']');
}

}  // namespace kpi::load
