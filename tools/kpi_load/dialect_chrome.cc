#include "tools/kpi_load/dialects.h"

namespace kpi::load {

int chrome_code(Cause cause) {
  static constexpr int kCodes[] = {301, 302, 302, 401, 300, 402, 100, 200};
  return kCodes[static_cast<std::size_t>(cause)];
}

void append_chrome_body(std::string& out, const Attempt& attempt) {
  if (attempt.success) {
    out.append("outcome=success&time_to_show_ui=");
    append_number(out, attempt.show);
    out.append("&time_to_continue=");
    append_number(out, attempt.prompt);
    out.append("&time_to_receive_token=");
    append_number(out, attempt.token);
    out.append("&turnaround_time=");
    append_number(out, attempt.turnaround());
    return;
  }
  out.append("outcome=failure&error_code=");
  append_number(out, chrome_code(attempt.cause));
  out.append(attempt.ui_shown ? "&did_show_ui=true" : "&did_show_ui=false");
}

}  // namespace kpi::load
