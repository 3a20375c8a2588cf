// Which path speaks which dialect, and the names that operators see.
#include <gtest/gtest.h>

#include <set>

#include "tests/server/dialect/report_support.h"

namespace kpi::server {
namespace {

TEST(Routes, ArePathsExactly) {
  LabelGate labels(default_label_rules());
  const ReportParser parser(DialectOptions{}, labels);
  const struct {
    const char* path;
    Route route;
    std::size_t body_bytes_max;
  } cases[] = {{"/metrics_endpoint", Route::kFedcm, 16U << 10},
               {"/metrics", Route::kFedcm, 16U << 10},
               {"/fedcm/metrics", Route::kFedcm, 16U << 10},
               {"/reports", Route::kReporting, 64U << 10},
               {"/wsapi/interaction_data", Route::kBrowserid, 10U << 10},
               {"/v1/events", Route::kBulk, 32U << 20}};
  for (const auto& c : cases) {
    const RouteRule* rule = parser.find_route(c.path);
    ASSERT_NE(rule, nullptr) << c.path;
    EXPECT_EQ(rule->route, c.route) << c.path;
    EXPECT_EQ(rule->body_bytes_max, c.body_bytes_max) << c.path;
  }
  for (const char* path : {"", "/", "/metrics/", "/Metrics", "/metrics?x=1", "/v1/events/1"}) {
    EXPECT_EQ(parser.find_route(path), nullptr) << path;
  }
}

TEST(Routes, AreConfiguration) {
  DialectOptions options;
  options.routes = {{"/m", Route::kFedcm, 100}};
  LabelGate labels(default_label_rules());
  const ReportParser parser(options, labels);
  EXPECT_NE(parser.find_route("/m"), nullptr);
  EXPECT_EQ(parser.find_route("/metrics"), nullptr);
}

TEST(Routes, VerdictsTellTheDialectSpoken) {
  Desk desk;
  const std::string form = "application/x-www-form-urlencoded", json = "application/json";
  const std::string reports = "application/reports+json", report = R"({"body":{"errorId":101}})";
  const struct {
    Request request;
    Speech speech;
  } cases[] = {
      {{"/metrics", "", form + "; charset=utf-8", "", "", "error_code=1"}, Speech::kChrome},
      {{"/metrics", "", json, "", "", report}, Speech::kFedcm},
      {{"/metrics", "", reports, "", "", report}, Speech::kReporting},
      {{"/reports", "", json, "", "", report}, Speech::kReporting},
      {{"/wsapi/interaction_data", "", form, "", "", "data={}"}, Speech::kBrowserid},
      {{"/v1/events", "", form, "", "", "{}"}, Speech::kNdjson},
  };
  for (const auto& c : cases) EXPECT_EQ(desk.take(c.request).verdict.speech, c.speech);
}

TEST(Reasons, HaveNamesOfTheirOwnAndAStatus) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_TRUE(names.insert(to_string(reason)).second) << i;
    EXPECT_GE(http_status(reason), 400) << to_string(reason);
    EXPECT_LE(http_status(reason), 422) << to_string(reason);
  }
  EXPECT_EQ(to_string(Reason::kLimit), "limit");
  EXPECT_EQ(to_string(Reason::kEmptyBody), "empty_body");
}

}  // namespace
}  // namespace kpi::server
