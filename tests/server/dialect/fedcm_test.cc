// The proposal form and Reporting batches, beyond the recorded requests.
#include "server/dialect/fedcm.h"

#include <gtest/gtest.h>

#include "tests/server/dialect/report_support.h"

namespace kpi::server {
namespace {

std::string success(const std::string& timing, const std::string& url = "https://rp.example/") {
  return R"({"body":{"clientId":"c","timing":{)" + timing + R"(}},"url":")" + url + R"("})";
}
std::string aged(const std::string& age) {
  return R"({"age":)" + age + R"(,"type":"fedcm-metrics","body":{"errorId":101}})";
}

struct Refused {
  std::string body;
  int status;
  Reason reason;
};

TEST(Fedcm, NullIsAbsent) {
  Desk desk;
  EXPECT_EQ(
      desk.json(R"({"body":{"clientId":null,"errorId":null,)"
                R"("timing":{"turnaround_time":5,"time_to_show_ui":null}},"url":null,"age":null})")
          .events,
      std::vector<std::string>{"+0 - - success turnaround_time=5"});
  EXPECT_EQ(desk.json(R"({"body":{"errorId":101,"timing":null}})").events,
            std::vector<std::string>{"+0 - - failure fedcm.idp_unavailable"});
}

TEST(Fedcm, RefusesWithAReasonAndStoresNothing) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  const Refused cases[] = {
      {"", 400, Reason::kEmptyBody},
      {" ", 400, Reason::kMalformed},
      {"{", 400, Reason::kMalformed},
      {"\xFF", 400, Reason::kMalformed},
      {"{}x", 400, Reason::kMalformed},
      {R"({"body":{"errorId":101},"x":[1,]})", 400, Reason::kMalformed},
      {R"({"body":{"errorId":0101}})", 400, Reason::kMalformed},
      {R"({"body":{"clientId":"\ud800","errorId":101}})", 400, Reason::kMalformed},
      {deep, 400, Reason::kMalformed},
      {"3", 400, Reason::kMalformed},
      {"\"text\"", 400, Reason::kMalformed},
      {"{}", 422, Reason::kMissingField},
      {R"({"body":{}})", 422, Reason::kMissingField},
      {R"({"body":7})", 422, Reason::kMissingField},
      {R"({"body":{"timing":7}})", 422, Reason::kNoTimings},
      {success(""), 422, Reason::kNoTimings},
      {success(R"("turnaround_time":-1)"), 422, Reason::kNegative},
      {success(R"("turnaround_time":1.5)"), 422, Reason::kNotInteger},
      {success(R"("turnaround_time":1.0)"), 422, Reason::kNotInteger},
      {success(R"("turnaround_time":"1")"), 422, Reason::kNotInteger},
      {success(R"("turnaround_time":null)"), 422, Reason::kNoTimings},
      {R"({"body":{"errorId":101,"errorId":null}})", 400, Reason::kDuplicateKey},
      {R"({"body":{"errorId":null,"timing":null}})", 422, Reason::kMissingField},
      {success(R"("turnaround_time":600001)"), 422, Reason::kOutOfRange},
      {success(R"("turnaround_time":18446744073709551615)"), 422, Reason::kOutOfRange},
      {success(R"("turnaround_time":99999999999999999999)"), 422, Reason::kOutOfRange},
      {success(R"("other":4294967296)"), 422, Reason::kOutOfRange},
      {success(R"("turnaround_time":1,"turnaround_time":1)"), 400, Reason::kDuplicateKey},
      {success(R"("time_to_continue":1,"time_to_continue_on_ui":1)"), 400, Reason::kDuplicateKey},
      {R"({"body":{"errorId":101},"body":{"errorId":101}})", 400, Reason::kDuplicateKey},
      {R"({"body":{"errorId":101,"errorId":102}})", 400, Reason::kDuplicateKey},
      {R"({"body":{"errorId":101,"timing":{"x":1}}})", 422, Reason::kContradiction},
      {R"({"body":{"errorId":16777216}})", 422, Reason::kOutOfRange},
      {R"({"body":{"errorId":-5}})", 422, Reason::kNegative},
      {R"({"body":{"errorId":"101"}})", 422, Reason::kNotInteger},
      {R"({"body":{"errorId":101,"clientId":7}})", 422, Reason::kNameInvalid},
      {R"({"body":{"errorId":101,"clientId":"a\u0000b"}})", 422, Reason::kNameInvalid},
      {R"({"body":{"errorId":101},"url":7})", 422, Reason::kNameInvalid},
      {aged("-1"), 422, Reason::kNegative},
      {aged("1.5"), 422, Reason::kNotInteger},
      {aged(std::to_string(kReportAgeMsMax + 1)), 422, Reason::kOutOfRange},
  };
  Desk desk;
  for (const Refused& c : cases) {
    const Answer answer = desk.json(c.body);
    EXPECT_EQ(answer.verdict.status, c.status) << c.body;
    EXPECT_EQ(answer.verdict.kind, ReplyKind::kProblem) << c.body;
    EXPECT_EQ(to_string(answer.verdict.reason), to_string(c.reason)) << c.body;
    EXPECT_EQ(answer.rejected(c.reason), 1U) << c.body;
    EXPECT_EQ(answer.verdict.received, 1U) << c.body;
    EXPECT_TRUE(answer.events.empty()) << c.body;
  }
}

TEST(Fedcm, ChecksTheTimingIdentityWhereAllFourAreThere) {
  Desk desk;
  const auto status = [&](int turnaround) {
    return desk
        .json(success(R"("time_to_show_ui":10,"time_to_continue_on_ui":20,)"
                      R"("time_to_receive_token":30,"turnaround_time":)" +
                      std::to_string(turnaround)))
        .verdict;
  };
  EXPECT_EQ(status(59).reason, Reason::kTimingIdentity);
  EXPECT_EQ(status(59).status, 422);
  EXPECT_EQ(status(60).status, 204);
  EXPECT_EQ(status(62).status, 204);
  EXPECT_EQ(status(63).status, 422);
  EXPECT_EQ(desk.json(success(R"("time_to_show_ui":10,"turnaround_time":5)")).verdict.status, 204);
}

TEST(Fedcm, RpComesFromOriginElseFromTheUrl) {
  Desk desk;
  const std::string by_url = success(R"("turnaround_time":1)", "https://RP.example:443/login?x");
  const std::string event = "+0 https://rp.example c success turnaround_time=1";
  EXPECT_EQ(desk.json(by_url).events, std::vector{event});
  EXPECT_EQ(desk.json(by_url, "null").events, std::vector{event});
  EXPECT_EQ(desk.json(by_url, "https://rp.example/").events, std::vector{event});
  EXPECT_EQ(desk.json(by_url, "https://other.example").events,
            std::vector<std::string>{"+0 https://other.example c success turnaround_time=1"});
  DialectOptions strict;
  strict.require_same_origin = true;
  EXPECT_EQ(Desk(strict).json(by_url, "https://other.example").verdict.reason,
            Reason::kOriginMismatch);
  EXPECT_EQ(desk.json(success(R"("turnaround_time":1)", "about:blank")).events,
            std::vector<std::string>{"+0 - c success turnaround_time=1"});
}

TEST(Fedcm, StoresUnknownTimingsAndCountsUnknownFields) {
  Desk desk;
  const Answer answer = desk.json(
      R"({"body":{"clientId":"","timing":{"brand_new":4294967295,"note":"x"},"more":1},"extra":{}})");
  EXPECT_EQ(answer.events, std::vector<std::string>{"+0 - - success brand_new=4294967295"});
  EXPECT_EQ(answer.verdict.unknown_fields, 3U);
}

TEST(Fedcm, HasLimitsOfTimingNamesAndReports) {
  Desk desk;
  std::string timing;
  for (std::size_t i = 0; i < kTimingNamesMax; ++i) {
    timing += (i == 0 ? "" : ",") + ("\"m" + std::to_string(i)) + "\":1";
  }
  EXPECT_EQ(desk.json(success(timing)).verdict.status, 204);
  EXPECT_EQ(desk.json(success(timing + ",\"more\":1")).verdict.status, 413);
  std::string reports = "[" + aged("0");
  for (std::size_t i = 1; i < kReportsPerBodyMax; ++i) reports += "," + aged("1");
  EXPECT_EQ(desk.json(reports + "]").verdict.accepted, kReportsPerBodyMax);
  const Answer beyond = desk.json(reports + "," + aged("1") + "]");
  EXPECT_EQ(beyond.verdict.status, 413);
  EXPECT_TRUE(beyond.events.empty());
  const std::string client(kClientBytesMax, 'x');
  EXPECT_EQ(desk.json(R"({"body":{"errorId":1,"clientId":")" + client + "\"}}").verdict.status,
            204);
  EXPECT_EQ(desk.json(R"({"body":{"errorId":1,"clientId":"x)" + client + "\"}}").verdict.status,
            422);
}

TEST(Fedcm, JudgesEachReportOfABatchAlone) {
  Desk desk;
  const Answer answer = desk.take(
      {"/reports", "", "application/reports+json", "", "",
       "[" + aged("1000") + ",7," + aged("-1") + R"(,{"type":"csp","body":null},{"type":"csp"}])"});
  EXPECT_EQ(answer.verdict.status, 204);
  EXPECT_EQ(answer.events, std::vector<std::string>{"-1000 - - failure fedcm.idp_unavailable"});
  EXPECT_EQ(answer.verdict.received, 5U);
  EXPECT_EQ(answer.verdict.foreign, 2U);
  EXPECT_EQ(answer.rejected(Reason::kMalformed), 1U);
  EXPECT_EQ(answer.rejected(Reason::kNegative), 1U);
  EXPECT_EQ(desk.json("[]").verdict.status, 204);
  EXPECT_EQ(desk.json("[7]").verdict.status, 400);
}

TEST(Fedcm, TakesTheThreeContentTypesAndNoOther) {
  Desk desk;
  for (const char* path : {"/metrics", "/fedcm/metrics", "/metrics_endpoint", "/reports"}) {
    for (const char* type : {"application/json", "application/reports+json; charset=utf-8"}) {
      EXPECT_EQ(desk.take({path, "", type, "", "", aged("0")}).verdict.status, 204) << type;
    }
    EXPECT_EQ(desk.take({path, "", "application/x-www-form-urlencoded", "", "", "error_code=1"})
                  .verdict.status,
              204);
    for (const char* type : {"", "text/plain", "multipart/form-data"}) {
      EXPECT_EQ(desk.take({path, "", type, "", "", aged("0")}).verdict.status, 415) << type;
    }
  }
}

TEST(Fedcm, StrictModeAsksForWebidentity) {
  DialectOptions strict;
  strict.require_webidentity = true;
  Desk desk(strict);
  Request request{"/metrics", "", "application/json", "", "empty", aged("0")};
  EXPECT_EQ(desk.take(request).verdict.status, 403);
  request.sec_fetch_dest = "webidentity";
  EXPECT_EQ(desk.take(request).verdict.status, 204);
  request.path = "/reports";
  request.sec_fetch_dest = "report";
  EXPECT_EQ(desk.take(request).verdict.status, 204);
}

TEST(Fedcm, TheTimingRangeIsAnOption) {
  DialectOptions narrow;
  narrow.timing_ms_max = 1000;
  Desk desk(narrow);
  EXPECT_EQ(desk.json(success(R"("turnaround_time":1000,"other":5000)")).verdict.status, 204);
  EXPECT_EQ(desk.json(success(R"("turnaround_time":1001)")).verdict.status, 422);
}

}  // namespace
}  // namespace kpi::server
