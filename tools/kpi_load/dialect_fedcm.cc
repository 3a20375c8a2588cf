#include "tools/kpi_load/dialects.h"

#include <charconv>

namespace kpi::load {

std::string_view form_name(Form form) {
  static constexpr std::string_view kNames[] = {"fedcm", "chrome", "reporting", "browserid",
                                                "ndjson"};
  return kNames[static_cast<std::size_t>(form)];
}

void append_number(std::string& out, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

int fedcm_code(Cause cause) {
  static constexpr int kCodes[] = {101, 102, 103, 104, 105, 106, 201, 301};
  return kCodes[static_cast<std::size_t>(cause)];
}

namespace {

void append_timing(std::string& out, std::string_view name, std::uint32_t value, char close = ',') {
  out.append("\"").append(name).append("\":");
  append_number(out, value);
  out.push_back(close);
}

}  // namespace

void append_fedcm_body(std::string& out, const Attempt& attempt) {
  out.append(R"({"body":{"clientId":")").append(client_name(attempt.client)).append("\",");
  if (attempt.success) {
    out.append(R"("timing":{)");
    append_timing(out, "time_to_show_ui", attempt.show);
    append_timing(out, "time_to_receive_configuration", attempt.config);
    append_timing(out, "time_to_receive_accounts", attempt.accounts);
    append_timing(out, "time_to_receive_client_metadata", attempt.metadata);
    append_timing(out, "time_to_continue_on_ui", attempt.prompt);
    append_timing(out, "time_to_receive_token", attempt.token);
    append_timing(out, "turnaround_time", attempt.turnaround(), '}');
  } else {
    out.append(R"("errorId":)");
    append_number(out, fedcm_code(attempt.cause));
    out.append(R"(,"message":"The attempt failed")");
  }
  out.append(R"(},"url":")").append(rp_origin(attempt.rp)).append("/\"}");
}

}  // namespace kpi::load
