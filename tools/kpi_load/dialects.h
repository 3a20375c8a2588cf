// The wire forms of reports, one function a dialect: attempts in, request bodies out. The names of
// fields, codes and headers are the senders'.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tools/kpi_load/attempt.h"

namespace kpi::load {

enum class Form : std::uint8_t { kFedcm, kChrome, kReporting, kBrowserid, kNdjson };
inline constexpr Form kForms[] = {Form::kFedcm, Form::kChrome, Form::kReporting, Form::kBrowserid,
                                  Form::kNdjson};
std::string_view form_name(Form form);  // fedcm, chrome, reporting, browserid, ndjson

// FedCM's proposal: one attempt as JSON.
void append_fedcm_body(std::string& out, const Attempt& attempt);
// Chrome's form; failures name neither RP nor client.
void append_chrome_body(std::string& out, const Attempt& attempt);
// A Reporting API batch: every attempt with its age at `now_ms`.
void append_reporting_body(std::string& out, std::span<const Attempt> attempts, std::int64_t now_ms,
                           Random& random);
// One BrowserID record with its stream of steps: the JSON object alone.
void append_browserid_record(std::string& out, const Attempt& attempt, Random& random);
// One line of POST /v1/events. With an id >= 0 the line has the measure kAckMeasure.
inline constexpr std::string_view kAckMeasure = "ack_id";
void append_ndjson_line(std::string& out, const Attempt& attempt, std::int64_t id);

// Numbers and names as all forms write them.
void append_number(std::string& out, std::int64_t value);
int fedcm_code(Cause cause);
int chrome_code(Cause cause);

}  // namespace kpi::load
