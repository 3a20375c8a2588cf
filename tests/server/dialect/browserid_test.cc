// BrowserID records and their quirks, beyond the recorded requests.
#include <gtest/gtest.h>

#include "tests/server/dialect/report_support.h"

namespace kpi::server {
namespace {

using Events = std::vector<std::string>;

std::string record(const std::string& more) { return R"({"timestamp":1365000000000)" + more + "}"; }
std::string data(const std::string& value) { return R"({"data":)" + value + "}"; }

class Browserid : public testing::Test {
 protected:
  Answer take(const std::string& value) { return desk_.browserid(data(value)); }
  std::string event(const std::string& more) {  // What follows the time.
    const Answer answer = take(record(more));
    return answer.events.empty() ? "refused: " + answer.verdict.detail
                                 : answer.events[0].substr(std::string("1365000000000 ").size());
  }
  Desk desk_;
};

TEST_F(Browserid, OutcomeFollowsFromTheSteps) {
  EXPECT_EQ(event(""), "- - unknown");
  EXPECT_EQ(event(R"(,"event_stream":[["assertion_generated",5],["screen.error",3]])"),
            "- - success assertion_generated=5 screen.error=3");
  EXPECT_EQ(event(R"(,"event_stream":[["screen.error_xhr",3]])"),
            "- - failure browserid.error_screen screen.error_xhr=3");
}

TEST_F(Browserid, StepsKeepTheirFirstOccurrenceAndDuration) {
  EXPECT_EQ(event(R"(,"event_stream":[["a",5,7],["a",9,8],["b",3,null,4],["c",1,2,3]])"),
            "- - unknown a=5 a.duration=7 b=3 c=1 c.duration=2");
}

TEST_F(Browserid, ImpossibleStepsAreIgnoredAndCounted) {
  const Answer answer = take(
      record(R"(,"event_stream":[["neg",-1],["huge",4294967296],["text","1"],7,[],["alone"],[1,2],)"
             R"(["",1],["fine",4294967295],["late",1,-5]])"));
  EXPECT_EQ(answer.events, Events{"1365000000000 - - unknown fine=4294967295 late=1"});
  EXPECT_EQ(answer.verdict.ignored_steps, 9U);
}

TEST_F(Browserid, OlderNamesOfNumbersAndLanguage) {
  EXPECT_EQ(event(R"(,"number_sites_logged_in":4,"sites_visited":3,"language":"de")"),
            "- - unknown number_sites_signed_in=4 number_sites_remembered=3 locale:de");
  EXPECT_EQ(event(R"(,"sites_signed_in":4,"number_sites_signed_in":5)"),
            "- - unknown number_sites_signed_in=4");
}

TEST_F(Browserid, SegmentsAreLabels) {
  const auto screen = [&](const std::string& width) {
    const std::string line = event(R"(,"screen_size":{"width":)" + width + R"(,"height":1})");
    return line.substr(line.rfind(' ') + 1);
  };
  EXPECT_EQ(screen("1024"), "screen:desktop");
  EXPECT_EQ(screen("1023"), "screen:tablet");
  EXPECT_EQ(screen("641"), "screen:tablet");
  EXPECT_EQ(screen("640"), "screen:mobile");
  EXPECT_EQ(event(R"(,"number_emails":0)"), "- - unknown number_emails=0 emails:0");
  EXPECT_EQ(event(R"(,"number_emails":3)"), "- - unknown number_emails=3 emails:3+");
  EXPECT_EQ(event(R"(,"user_agent":{"os":"Windows NT 6.1","browser":"MSIE","version":"9.0"})"),
            "- - unknown os:Windows 7 browser:MSIE browser_version:9.0");
}

TEST_F(Browserid, ServerSideEventsNameTheRp) {
  EXPECT_EQ(event(R"(,"type":"idp.verified","user_agent":{"os":"Linux"},"idp":"mail.example",)"
                  R"("rp":"https://RP.example:443")"),
            "https://rp.example - unknown type:idp.verified os:Linux idp:mail.example");
}

TEST_F(Browserid, ARawUserAgentIsNeverStored) {
  const Answer answer = take(record(R"(,"user_agent":"Mozilla/5.0 (X11) canary")"));
  EXPECT_EQ(answer.events, Events{"1365000000000 - - unknown"});
  EXPECT_EQ(answer.verdict.unknown_fields, 1U);
}

TEST_F(Browserid, SampleRateIsAnExactWeight) {
  EXPECT_EQ(event(R"(,"sample_rate":1)"), "- - unknown");
  EXPECT_EQ(event(R"(,"sample_rate":0.3)"), "- - unknown weight=3333");
  EXPECT_EQ(event(R"(,"sample_rate":0)"),
            "refused: sample_rate: expected a number from 0.00001 to 1");
}

TEST_F(Browserid, ListsInListsAndTextsForListsAreTaken) {
  EXPECT_EQ(take("[" + record("") + ",[" + record("") + ",[" + record("") + "]]]").events.size(),
            3U);
  EXPECT_EQ(take(R"("[{\"timestamp\":1365000000000}]")").events.size(), 1U);
  EXPECT_EQ(take(R"(["{\"timestamp\":1365000000000}",)" + record("") + "]").events.size(), 2U);
  EXPECT_EQ(event(R"(,"event_stream":"[[\"a\",5]]")"), "- - unknown a=5");
  EXPECT_EQ(take(R"("\"{}\"")").verdict.status, 400);  // Text in text in text.
}

TEST_F(Browserid, EachRecordIsJudgedAloneAndTheAnswerSaysHowManyWereTaken) {
  const Answer answer = take("[" + record("") + R"(,{"lang":"de"},7,{"timestamp":"x"}])");
  EXPECT_EQ(answer.verdict.status, 200);
  EXPECT_EQ(answer.verdict.reply, R"({"success":true,"accepted":1,"rejected":3})");
  EXPECT_EQ(answer.events.size(), 1U);
  const Answer form =
      desk_.take({"/wsapi/interaction_data", "", "application/x-www-form-urlencoded", "", "",
                  "data=[" + record("") + ",7]"});
  EXPECT_EQ(form.verdict.status, 201);
  EXPECT_EQ(form.verdict.reply, "ok: 1 of 2 records taken");
}

TEST_F(Browserid, ABodyHasALimitOfRecords) {
  std::string records = record("");
  for (std::size_t i = 1; i < kReportsPerBodyMax; ++i) records += "," + record("");
  EXPECT_EQ(take("[" + records + "]").verdict.reply, R"({"success":true})");
  const Answer beyond = take("[" + records + "," + record("") + "]");
  EXPECT_EQ(beyond.verdict.accepted, kReportsPerBodyMax);
  EXPECT_EQ(beyond.rejected(Reason::kLimit), 1U);
}

TEST_F(Browserid, ErrorsAre400) {
  for (const char* body : {"", "x", "{}", R"({"data":7})", R"({"data":null})", R"({"data":[{}]})",
                           R"({"data":"bad,json"})", R"({"data":[{"timestamp":-1}]})",
                           R"({"data":[{"timestamp":1.5}]})",
                           R"({"data":[{"timestamp":1365000000000,"timestamp":1}]})",
                           R"({"data":[{"timestamp":9999999999999}]})",
                           R"({"data":[{"timestamp":1365000000000,"event_stream":7}]})"}) {
    const Answer answer = desk_.browserid(body);
    EXPECT_EQ(answer.verdict.status, 400) << body;
    EXPECT_EQ(answer.verdict.kind, ReplyKind::kProblem) << body;
    EXPECT_TRUE(answer.events.empty()) << body;
  }
  for (const char* body : {"data", "data=", "x=1", "data=%zz", "data={}&data={}"}) {
    const Answer answer = desk_.take(
        {"/wsapi/interaction_data", "", "application/x-www-form-urlencoded", "", "", body});
    EXPECT_EQ(answer.verdict.status, 400) << body;
  }
  EXPECT_EQ(desk_.take({"/wsapi/interaction_data", "", "text/plain", "", "", "x"}).verdict.status,
            415);
}

TEST_F(Browserid, TimestampsMayBeWholeFloats) {
  EXPECT_EQ(take(R"({"timestamp":1.365e12})").events, Events{"1365000000000 - - unknown"});
}

}  // namespace
}  // namespace kpi::server
