// Every recorded request that posts, with the exact events and status it must give.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/server/dialect/report_support.h"

namespace kpi::server {
namespace {

using Events = std::vector<std::string>;

const std::string kTimings7 =
    " time_to_show_ui=3000 time_to_receive_configuration=1000 time_to_receive_accounts=1000"
    " time_to_receive_client_metadata=1000 time_to_continue_on_ui=3000 time_to_receive_token=2000"
    " turnaround_time=8000";
const std::string kTimings4 =
    " time_to_show_ui=3000 time_to_continue_on_ui=3000 time_to_receive_token=2000"
    " turnaround_time=8000";
const std::string kRpClient = "+0 https://rp.example client123 ";

struct Expected {
  int status = 204;
  Events events;
};

std::map<std::string, Expected> expected_answers() {
  std::map<std::string, Expected> expected;
  const std::map<std::string, std::string> proposal = {
      {"101", "idp_unavailable"},         {"102", "invalid_well_known_response"},
      {"103", "invalid_config_response"}, {"105", "invalid_client_metadata_response"},
      {"106", "invalid_token_response"},  {"201", "rp_failure"}};
  for (const auto& [code, name] : proposal) {
    expected["fedcm-proposal-failure-" + code] = {204, {kRpClient + "failure fedcm." + name}};
  }
  expected["fedcm-proposal-success"] = {204, {kRpClient + "success" + kTimings7}};
  expected["fedcm-proposal-failure-106-verbatim"] = {400, {}};
  const std::map<std::string, std::string> chrome = {{"1", "other"},
                                                     {"100", "rp_failure"},
                                                     {"200", "user_failure"},
                                                     {"300", "idp_server_invalid_response"},
                                                     {"301", "idp_server_unavailable"},
                                                     {"302", "manifest_error"},
                                                     {"401", "accounts_endpoint_invalid_response"},
                                                     {"402", "token_endpoint_invalid_response"}};
  for (const auto& [code, name] : chrome) {
    const std::string event = "+0 - - failure chrome." + name;
    expected["chrome-v1-failure-" + code] = {204, {event}};
    expected["chrome-v2-failure-" + code + "-ui-true"] = {204, {event + " ui=yes"}};
    expected["chrome-v2-failure-" + code + "-ui-false"] = {204, {event + " ui=no"}};
  }
  expected["chrome-v1-success"] = {204, {"+0 https://rp.example - success" + kTimings4}};
  expected["chrome-v2-success"] = {204, {"+0 https://rp.example - success" + kTimings4}};
  expected["reporting-fedcm-hypothetical"] = {
      204,
      {"-1500 https://rp.example client123 success" + kTimings7,
       "-2500 https://rp.example client123 failure fedcm.user_failure"}};
  expected["reporting-batch-other-types"] = {204, {}};
  expected["reporting-document-policy"] = {204, {}};
  expected["reporting-document-policy-verbatim"] = {400, {}};
  expected["kpiggybank-post-bad-json"] = {400, {}};
  expected["kpiggybank-post-no-data-param"] = {400, {}};
  expected["kpiggybank-post-no-timestamp"] = {400, {}};
  const std::string first_steps =
      " screen.rp_info=210 user.can_interact=240 screen.pick_email=260"
      " xhr_complete.GET/wsapi/session_context=262"
      " xhr_complete.GET/wsapi/session_context.duration=118 generate_assertion=4100"
      " screen.generate_assertion=4110 assertion_generated=4900 engaged=260";
  const std::string screen = " screen_width=1440 screen_height=900 number_emails=2";
  const std::string agent = " os:Linux browser:Firefox browser_version:19";
  expected["kpiggybank-post-one"] = {
      201,
      {"1365000000000 - - success" + first_steps + screen +
       " number_sites_remembered=3 number_sites_signed_in=4"
       " screen:desktop emails:2 orphaned:false new_account:false email_type:primary rp_api:get" +
       agent + " locale:de"}};
  const std::string sites = " number_sites_signed_in=4 number_sites_remembered=3";
  expected["kpiggybank-post-list"] = {
      201,
      {"1365000000000 - - success" + first_steps + screen + sites +
           " locale:de screen:desktop emails:2 orphaned:false new_account:false"
           " email_type:primary rp_api:get" +
           agent,
       "1365000000001 - - success screen.rp_info=190 screen.authenticate=230"
       " screen.set_password=31000 user.user_staged=40500 user.user_confirmed=90250"
       " generate_assertion=90300 assertion_generated=91000 engaged=31000" +
           screen + sites +
           " locale:de screen:desktop emails:2 orphaned:false new_account:true"
           " email_type:secondary rp_api:get" +
           agent,
       "1365000000002 - - unknown screen.rp_info=333" + screen + sites +
           " locale:de screen:desktop emails:2 orphaned:true new_account:false"
           " email_type:primary rp_api:get" +
           agent}};
  expected["browserid-interaction-data-client"] = {
      200,
      {"1365000600000 - - success weight=10000 screen.rp_info=300"
       " xhr_complete.GET/wsapi/session_context=305"
       " xhr_complete.GET/wsapi/session_context.duration=212 screen.authenticate=610"
       " user.can_interact=630 xhr_complete.POST/wsapi/interaction_data=602"
       " xhr_complete.POST/wsapi/interaction_data.duration=240 authenticate.enter_password=5200"
       " xhr_complete.GET/wsapi/address_info=5300"
       " xhr_complete.GET/wsapi/address_info.duration=410 xhr_complete.GET/wsapi/list_emails=5900"
       " assertion_generated=9400 engaged=5200" +
       screen + sites +
       " locale:de screen:desktop emails:2 orphaned:false new_account:false email_type:primary"
       " rp_api:get"}};
  return expected;
}

TEST(Vectors, GiveTheirExactEvents) {
  const auto expected = expected_answers();
  Desk desk;
  std::size_t posts = 0;
  for (const auto& file : std::filesystem::directory_iterator(KPI_SOURCE_DIR "/tests/vectors")) {
    const std::string name = file.path().stem().string();
    if (file.path().extension() != ".http" || name.find("-get-") != std::string::npos ||
        name == "reporting-preflight") {
      continue;
    }
    ++posts;
    const auto found = expected.find(name);
    ASSERT_NE(found, expected.end()) << name << " has no expectation";
    const Answer answer = desk.take(read_vector(name));
    EXPECT_EQ(answer.verdict.status, found->second.status) << name << ": " << answer.verdict.detail;
    EXPECT_EQ(answer.events, found->second.events) << name;
    EXPECT_EQ(answer.verdict.accepted, found->second.events.size()) << name;
    EXPECT_EQ(answer.verdict.received,
              answer.verdict.accepted + answer.verdict.foreign + answer.verdict.rejected_count())
        << name;
  }
  EXPECT_EQ(posts, 41U);
}

TEST(Vectors, ReportsOfOtherTypesAreCountedAndDropped) {
  Desk desk;
  EXPECT_EQ(desk.take(read_vector("reporting-batch-other-types")).verdict.foreign, 2U);
  EXPECT_EQ(desk.take(read_vector("reporting-document-policy")).verdict.foreign, 1U);
}

TEST(Vectors, AnswersOfBrowseridHaveTheirBodies) {
  Desk desk;
  EXPECT_EQ(desk.take(read_vector("kpiggybank-post-one")).verdict.reply, "ok");
  EXPECT_EQ(desk.take(read_vector("browserid-interaction-data-client")).verdict.reply,
            R"({"success":true})");
}

}  // namespace
}  // namespace kpi::server
