#include <numeric>

#include "server/dialect/dialect.h"

namespace kpi::server {
namespace {

struct ReasonRow {
  std::string_view name;
  int status;
};
constexpr ReasonRow kReasons[kReasonCount] = {
    {"empty_body", 400},
    {"malformed", 400},
    {"unsupported_media_type", 415},
    {"duplicate_key", 400},
    {"missing_field", 422},
    {"unknown_outcome", 422},
    {"contradiction", 422},
    {"no_timings", 422},
    {"negative", 422},
    {"not_integer", 422},
    {"out_of_range", 422},
    {"timing_identity", 422},
    {"time_out_of_range", 422},
    {"name_invalid", 422},
    {"unknown_error", 422},
    {"unknown_field", 422},
    {"origin_mismatch", 422},
    {"not_webidentity", 403},
    {"origin_not_https", 403},
    {"origin_not_allowed", 403},
    {"client_unknown", 403},
    {"limit", 413},
};

}  // namespace

std::string_view to_string(Reason reason) {
  return kReasons[static_cast<std::size_t>(reason)].name;
}
int http_status(Reason reason) { return kReasons[static_cast<std::size_t>(reason)].status; }

std::uint32_t Verdict::rejected_count() const {
  return std::accumulate(rejected.begin(), rejected.end(), std::uint32_t{0});
}

}  // namespace kpi::server
