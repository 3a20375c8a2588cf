#include "tools/kpi_load/dialects.h"

namespace kpi::load {
namespace {

// As kpi/event.h names the codes of the proposal.
std::string_view error_name_of(Cause cause) {
  static constexpr std::string_view kNames[] = {"fedcm.idp_unavailable",
                                                "fedcm.invalid_well_known_response",
                                                "fedcm.invalid_config_response",
                                                "fedcm.invalid_accounts_response",
                                                "fedcm.invalid_client_metadata_response",
                                                "fedcm.invalid_token_response",
                                                "fedcm.rp_failure",
                                                "fedcm.user_failure"};
  return kNames[static_cast<std::size_t>(cause)];
}

void append_measure(std::string& out, std::string_view name, std::int64_t value) {
  if (out.back() != '{') out.push_back(',');
  out.append("\"").append(name).append("\":");
  append_number(out, value);
}

void append_measures(std::string& out, const Attempt& attempt, std::int64_t id) {
  out.append(R"(,"measures":{)");
  if (attempt.success) {
    append_measure(out, "time_to_show_ui", attempt.show);
    append_measure(out, "time_to_receive_configuration", attempt.config);
    append_measure(out, "time_to_receive_accounts", attempt.accounts);
    append_measure(out, "time_to_receive_client_metadata", attempt.metadata);
    append_measure(out, "time_to_continue_on_ui", attempt.prompt);
    append_measure(out, "time_to_receive_token", attempt.token);
    append_measure(out, "turnaround_time", attempt.turnaround());
  }
  if (id >= 0) append_measure(out, kAckMeasure, id);
  out.push_back('}');
}

}  // namespace

void append_ndjson_line(std::string& out, const Attempt& attempt, std::int64_t id) {
  out.append("{\"time\":");
  append_number(out, attempt.time_ms);
  out.append(",\"rp\":\"").append(rp_origin(attempt.rp));
  out.append("\",\"client\":\"").append(client_name(attempt.client));
  if (attempt.success) {
    out.append(R"(","outcome":"success")");
  } else {
    out.append(R"(","outcome":"failure","error":")").append(error_name_of(attempt.cause));
    out.append(attempt.ui_shown ? R"(","ui_shown":"yes")" : R"(","ui_shown":"no")");
  }
  append_measures(out, attempt, id);
  out.append(R"(,"labels":{"browser":")").append(kBrowsers[attempt.browser]);
  out.append(R"(","os":")").append(kSystems[attempt.os]);
  out.append(attempt.candidate ? R"(","variant":"B"}})" : R"(","variant":"A"}})");
  out.push_back('\n');
}

}  // namespace kpi::load
