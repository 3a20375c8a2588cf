// Chrome's form, beyond the recorded requests.
#include <gtest/gtest.h>

#include "tests/server/dialect/report_support.h"

namespace kpi::server {
namespace {

TEST(Chrome, RefusesWithAReason) {
  const std::string four =
      "time_to_show_ui=1&time_to_continue=2&time_to_receive_token=3&turnaround_time=";
  const struct {
    std::string body;
    int status;
    Reason reason;
  } cases[] = {
      {"hello", 400, Reason::kMalformed},
      {"&&", 400, Reason::kMalformed},
      {"unknown=1", 400, Reason::kMalformed},
      {"error_code=%", 400, Reason::kMalformed},
      {"error_code=1&error_code=1", 400, Reason::kDuplicateKey},
      {"outcome=success&outcome=success&turnaround_time=1", 400, Reason::kDuplicateKey},
      {"turnaround_time=1&turnaround_time=1", 400, Reason::kDuplicateKey},
      {"outcome=maybe&error_code=1", 422, Reason::kUnknownOutcome},
      {"outcome=&error_code=1", 422, Reason::kUnknownOutcome},
      {"outcome=failure&error_code=1&did_show_ui=perhaps", 422, Reason::kUnknownOutcome},
      {"outcome=success", 422, Reason::kNoTimings},
      {"did_show_ui=true", 422, Reason::kNoTimings},
      {"outcome=failure", 422, Reason::kMissingField},
      {"outcome=success&turnaround_time=1&error_code=1", 422, Reason::kContradiction},
      {"outcome=failure&error_code=1&turnaround_time=1", 422, Reason::kContradiction},
      {"turnaround_time=1&error_code=1", 422, Reason::kContradiction},
      {"error_code=-1", 422, Reason::kNegative},
      {"error_code=one", 422, Reason::kNotInteger},
      {"error_code=", 422, Reason::kNotInteger},
      {"error_code=16777216", 422, Reason::kOutOfRange},
      {four + "-2147483648", 422, Reason::kNegative},
      {four + "600001", 422, Reason::kOutOfRange},
      {four + "5", 422, Reason::kTimingIdentity},
      {four + "9", 422, Reason::kTimingIdentity},
  };
  Desk desk;
  for (const auto& c : cases) {
    const Answer answer = desk.form(c.body);
    EXPECT_EQ(answer.verdict.status, c.status) << c.body;
    EXPECT_EQ(to_string(answer.verdict.reason), to_string(c.reason)) << c.body;
    EXPECT_EQ(answer.rejected(c.reason), 1U) << c.body;
    EXPECT_TRUE(answer.events.empty()) << c.body;
  }
  for (const char* turnaround : {"6", "7", "8"}) {
    EXPECT_EQ(desk.form(four + turnaround).verdict.status, 204);
  }
}

TEST(Chrome, KeepsNewCodesAndItsOwnNumberSpace) {
  Desk desk;
  EXPECT_EQ(desk.form("error_code=777").events,
            std::vector<std::string>{"+0 - - failure chrome.777"});
  EXPECT_EQ(desk.form("error_code=101").events,
            std::vector<std::string>{"+0 - - failure chrome.canceled"});
  EXPECT_EQ(desk.form("error_code=16777215").events,
            std::vector<std::string>{"+0 - - failure chrome.16777215"});
}

TEST(Chrome, DecodesEscapesAndCountsUnknownFields) {
  Desk desk;
  const Answer answer =
      desk.form("outcome=f%61ilure&%65rror_code=%32&x=y&did_show_ui=true", "null");
  EXPECT_EQ(answer.events, std::vector<std::string>{"+0 - - failure chrome.2 ui=yes"});
  EXPECT_EQ(answer.verdict.unknown_fields, 1U);
}

TEST(Chrome, LabelsOfTheUrlAreStoredWhereAllowed) {
  Desk desk({}, {{"variant", {"A", "B"}}, {"os"}});
  const auto event = [&](const std::string& query) {
    return desk.form("error_code=1", "", query).events.at(0).substr(26);
  };
  ASSERT_EQ(desk.form("error_code=1").events.at(0), "+0 - - failure chrome.other");
  EXPECT_EQ(event("variant=B&n=SECRETTOKEN"), "r variant:B");
  EXPECT_EQ(event("n=1&os=Mac%20OS&variant=C"), "r os:Mac OS variant:(other)");
  EXPECT_EQ(event("variant=A&variant=B"), "r variant:A");
  EXPECT_EQ(event("variant=&os=%zz&%zz=1&os=%FF"), "r os:(other)");
  EXPECT_EQ(desk.form("error_code=1", "", "variant=C").verdict.folded_labels, 1U);
}

}  // namespace
}  // namespace kpi::server
