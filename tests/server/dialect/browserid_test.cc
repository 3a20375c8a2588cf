// BrowserID records and their quirks, beyond the recorded requests.
#include <gtest/gtest.h>

#include "kpi/limits.h"
#include "server/dialect/browserid_document.h"
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
  std::string document(const std::string& more) {  // Likewise.
    const Answer answer = take(record(more));
    if (answer.documents.size() != 1) return "refused: " + answer.verdict.detail;
    const std::string& text = answer.documents[0];
    const std::size_t begin = std::string(R"({"timestamp":1365000000000)").size();
    return text.substr(begin, text.size() - begin - 1);
  }
  Desk desk_;
};

TEST_F(Browserid, OutcomeFollowsFromTheSteps) {
  EXPECT_EQ(event(""), "- - unknown");
  EXPECT_EQ(event(R"(,"event_stream":[["assertion_generated",5],["screen.error",3]])"),
            "- - success assertion_generated=5 screen.error=3 error_screen=3");
  EXPECT_EQ(event(R"(,"event_stream":[["screen.error_xhr",3]])"),
            "- - failure browserid.error_screen screen.error_xhr=3 error_screen=3");
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

TEST_F(Browserid, StagesAreTheFirstOfTheirSteps) {
  EXPECT_EQ(event(R"(,"event_stream":[["authenticate.enter_password",9],["screen.pick_email",7]])"),
            "- - unknown authenticate.enter_password=9 screen.pick_email=7 engaged=7");
  for (const char* step :
       {"screen.set_password", "screen.provision_primary_user", "screen.verify_primary_user"}) {
    EXPECT_EQ(event(R"(,"event_stream":[[")" + std::string(step) + R"(",4]])"),
              "- - unknown " + std::string(step) + "=4 engaged=4");
  }
  EXPECT_EQ(event(R"(,"event_stream":[["screen.error.x",8],["screen.error",6]])"),
            "- - failure browserid.error_screen screen.error.x=8 screen.error=6 error_screen=6");
  EXPECT_EQ(event(R"(,"event_stream":[["engaged",1],["screen.pick_email",7]])"),
            "- - unknown engaged=1 screen.pick_email=7");
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
  EXPECT_EQ(answer.documents, Events{R"({"timestamp":1365000000000})"});
  EXPECT_EQ(event(R"(,"user_agent":{"os":"Mozilla/5.0 (X11) canary","browser":"Firefox"})"),
            "- - unknown browser:Firefox");
  EXPECT_EQ(document(R"(,"user_agent":{"os":"Mozilla/5.0 (X11) canary","browser":"Firefox"})"),
            R"(,"user_agent":{"browser":"Firefox"})");
}

TEST_F(Browserid, ADocumentIsTheRecordInItsShapeUnderTheNewestNames) {
  const std::string sent =
      R"(,"event_stream":[["b",9],["a",5,7],["a",4,null,3],["c",1.5,0.25,2],["d",-1,null]],)"
      R"("lang":"de","screen_size":{"width":1440,"height":900},"sample_rate":0.1,)"
      R"("number_emails":2,"number_sites_signed_in":4,"number_sites_remembered":3,)"
      R"("orphaned":false,"new_account":true,"email_type":null,"rp_api":"get",)"
      R"("user_agent":{"os":"Windows NT 6.1","browser":"MSIE","version":9.5})";
  EXPECT_EQ(document(sent), sent);  // Aliases are of labels alone.
  EXPECT_EQ(document(R"(,"number_sites_logged_in":4,"sites_visited":3,"language":"de")"),
            R"(,"number_sites_signed_in":4,"number_sites_remembered":3,"lang":"de")");
  EXPECT_EQ(document(R"(,"sites_signed_in":4,"number_sites_signed_in":5)"),
            R"(,"number_sites_signed_in":4)");
  const std::string server = R"(,"type":"idp.verified","user_agent":{"os":"Linux"},)"
                             R"("idp":"mail.example","rp":"https://RP.example:443/x")";
  EXPECT_EQ(document(server), server);
  EXPECT_EQ(document(R"(,"event_stream":"[[\"a\",5]]")"), R"(,"event_stream":[["a",5]])");
  EXPECT_EQ(take(R"({"lang":"de","timestamp":1.365e12})").documents,
            Events{R"({"lang":"de","timestamp":1365000000000})"});
}

TEST_F(Browserid, ADocumentHasNothingElse) {
  EXPECT_EQ(document(R"(,"cookie":"canary","email":"a@b.example","local_timestamp":"x",)"
                     R"("user_agent":{"os":"Linux","raw":"canary"},)"
                     R"("screen_size":{"width":1,"height":2,"depth":3},"lang":{"x":1},)"
                     R"("rp_api":["get"],"event_stream":[["a",1,2,3,"canary"],["b","canary"],)"
                     R"({"c":1},"d",7,[],[1,2],["e",{"f":1}],["g"]])"),
            R"(,"user_agent":{"os":"Linux"},"screen_size":{"width":1,"height":2},)"
            R"("event_stream":[["a",1,2,3],["g"]])");
}

TEST_F(Browserid, TextsOfADocumentAreEscapedAndBounded) {
  EXPECT_EQ(document(R"(,"lang":"a\r\n\u0000\"\\é")"), R"(,"lang":"a\r\n\u0000\"\\é")");
  const std::string longest(kDocumentFieldBytesMax, 'x');
  EXPECT_EQ(document(R"(,"rp":")" + longest + "\""), R"(,"rp":")" + longest + "\"");
  EXPECT_EQ(document(R"(,"rp":")" + longest + "x\""), "");
  const std::string step(kMeasureNameBytesMax, 'y');
  EXPECT_EQ(document(R"(,"event_stream":[[")" + step + R"(",1],[")" + step + R"(y",1]])"),
            R"(,"event_stream":[[")" + step + R"(",1]])");
}

TEST_F(Browserid, OnlyWhatIsAcceptedHasADocumentAndItHasALimit) {
  const Answer answer = take("[" + record("") + R"(,{"lang":"de"},7,{"timestamp":5}])");
  EXPECT_EQ(answer.documents, (Events{R"({"timestamp":1365000000000})", R"({"timestamp":5})"}));
  const std::string frame = R"({"timestamp":1365000000000,"event_stream":[]})";
  const std::string step = R"(["a",1],)";
  std::string steps;
  while (frame.size() + steps.size() + step.size() <= kDocumentBytesMax + 1) steps += step;
  steps.pop_back();
  const std::size_t spare = kDocumentBytesMax - frame.size() - steps.size();
  const auto padded = [&](std::size_t more) {  // Blanks do not count, digits do.
    return R"({"timestamp":1365000000000,"event_stream":[)" + steps.substr(0, steps.size() - 2) +
           std::string(more, '1') + "1]]}";
  };
  ASSERT_LT(spare, 9U);
  const Answer largest = take(padded(spare));
  ASSERT_EQ(largest.documents.size(), 1U) << largest.verdict.detail;
  EXPECT_EQ(largest.documents[0].size(), kDocumentBytesMax);
  const Answer beyond = take(padded(spare + 1));
  EXPECT_EQ(beyond.verdict.status, 413);
  EXPECT_EQ(beyond.rejected(Reason::kLimit), 1U);
  EXPECT_TRUE(beyond.events.empty());
  EXPECT_TRUE(beyond.documents.empty());
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
