#include <algorithm>

#include "kpi/assert.h"
#include "server/dialect/browserid.h"
#include "server/dialect/chrome.h"
#include "server/dialect/fedcm.h"
#include "server/dialect/form.h"
#include "server/dialect/ndjson.h"

namespace kpi::server {

struct ReportParser::Parts {
  Parts(const DialectOptions& dialect_options, LabelGate& labels)
      : options(dialect_options), draft(options, labels), ndjson(options, draft) {}

  void parse_fedcm(Intake& intake);
  void parse_browserid(Intake& intake);
  void parse_bulk(Intake& intake);
  void forget();

  const DialectOptions options;
  EventDraft draft;
  JsonParser json;
  BrowseridParser browserid;
  NdjsonParser ndjson;
};

namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kReportsJson = "application/reports+json";
// The path alone says what a bulk body is: clients that name JSON, or name nothing and leave it to
// curl (a form), are taken as well.
constexpr std::string_view kBulkTypes[] = {"application/x-ndjson",
                                           "application/ndjson",
                                           "application/jsonl",
                                           "application/x-jsonlines",
                                           kJson,
                                           kForm};

Speech speech_of(const HttpReport& report) {
  if (report.route == Route::kBulk) return Speech::kNdjson;
  if (report.route == Route::kBrowserid) return Speech::kBrowserid;
  if (media_type_is(report.content_type, kForm)) return Speech::kChrome;
  const bool batch = media_type_is(report.content_type, kReportsJson);
  return batch || report.route == Route::kReporting ? Speech::kReporting : Speech::kFedcm;
}

void refuse_type(Intake& intake, std::string_view expected) {
  intake.refuse_body(refuse(Reason::kUnsupportedMediaType, "Content-Type", expected));
  intake.conclude();
}

}  // namespace

void ReportParser::Parts::parse_fedcm(Intake& intake) {
  const HttpReport& report = intake.report;
  if (options.require_webidentity && report.route == Route::kFedcm &&
      report.sec_fetch_dest != "webidentity") {
    intake.refuse_body(refuse(Reason::kNotWebidentity, "Sec-Fetch-Dest", "expected webidentity"));
    return intake.conclude();
  }
  const bool form = media_type_is(report.content_type, kForm);
  if (!form && !media_type_is(report.content_type, kJson) &&
      !media_type_is(report.content_type, kReportsJson)) {
    return refuse_type(intake,
                       "expected application/json, application/reports+json or "
                       "application/x-www-form-urlencoded");
  }
  intake.read_request();
  form ? parse_chrome_form(intake) : parse_fedcm_json(intake, json);
  intake.conclude();
}

void ReportParser::Parts::parse_browserid(Intake& intake) {
  if (media_type_is(intake.report.content_type, kForm)) return browserid.parse_form(intake);
  if (media_type_is(intake.report.content_type, kJson)) return browserid.parse_json(intake);
  refuse_type(intake, "expected application/json or application/x-www-form-urlencoded");
}

void ReportParser::Parts::parse_bulk(Intake& intake) {
  const std::string_view type = intake.report.content_type;
  const bool ndjson_type = std::any_of(std::begin(kBulkTypes), std::end(kBulkTypes),
                                       [&](auto known) { return media_type_is(type, known); });
  if (!type.empty() && !ndjson_type) return refuse_type(intake, "expected application/x-ndjson");
  ndjson.parse(intake.report, intake.batch, intake.verdict);
}

// A body's texts are in no memory of ours once its events are taken.
void ReportParser::Parts::forget() {
  draft.clear();
  json.forget();
  browserid.forget();
  ndjson.forget();
}

ReportParser::ReportParser(const DialectOptions& options, LabelGate& labels)
    : parts_(std::make_unique<Parts>(options, labels)) {}
ReportParser::~ReportParser() = default;
ReportParser::ReportParser(ReportParser&&) noexcept = default;
ReportParser& ReportParser::operator=(ReportParser&&) noexcept = default;

const RouteRule* ReportParser::find_route(std::string_view path) const {
  const auto& routes = parts_->options.routes;
  const auto found = std::find_if(routes.begin(), routes.end(),
                                  [&](const RouteRule& rule) { return rule.path == path; });
  return found == routes.end() ? nullptr : &*found;
}

Verdict ReportParser::parse(const HttpReport& report, Batch& batch) {
  KPI_ASSERT(report.route != Route::kNone);
  Verdict verdict;
  verdict.speech = speech_of(report);
  parts_->draft.set_trust(report.trust);
  Intake intake{parts_->options, report, batch, verdict, parts_->draft};
  if (report.body.empty()) {
    intake.refuse_body(refuse(Reason::kEmptyBody, "body", "expected a report"));
    intake.conclude();
  } else if (report.coded) {
    intake.refuse_body(refuse(Reason::kUnsupportedMediaType, "Content-Encoding", "expected none"));
    intake.conclude();
  } else if (report.route == Route::kBulk) {
    parts_->parse_bulk(intake);
  } else if (report.route == Route::kBrowserid) {
    parts_->parse_browserid(intake);
  } else {
    parts_->parse_fedcm(intake);
  }
  parts_->forget();
  return verdict;
}

}  // namespace kpi::server
