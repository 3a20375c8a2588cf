// Bulk lines: what each key means, what is refused, and partial acceptance.
#include "server/dialect/ndjson.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/server/dialect/report_support.h"

namespace kpi::server {
namespace {

using Events = std::vector<std::string>;

// The one error of a body of one bad line; else what is odd about the answer.
std::string error_of(Desk& desk, const std::string& line) {
  const Answer answer = desk.bulk(line + "\n");
  const auto reply = nlohmann::json::parse(answer.verdict.reply, nullptr, false);
  if (answer.verdict.status != 200 || reply.is_discarded()) return "no reply";
  if (reply["accepted"] != 0 || reply["rejected"].size() != 1) return answer.verdict.reply;
  return reply["rejected"][0]["error"];
}

TEST(Bulk, ReadsEveryKey) {
  Desk desk;
  const Answer answer = desk.bulk(
      R"({"time":1792454400123,"rp":"HTTPS://RP.example:443/x","client":"c","outcome":"failure",)"
      R"("error":"fedcm.106","ui_shown":"yes","measures":{"time_to_continue":5,"b":4294967295},)"
      R"("labels":{"os":"Linux","nope":"x"},"sample_rate":0.5})");
  EXPECT_EQ(answer.events,
            Events{"1792454400123 https://rp.example c failure fedcm.invalid_token_response ui=yes"
                   " weight=2000 time_to_continue_on_ui=5 b=4294967295 os:Linux"});
  EXPECT_EQ(answer.verdict.unknown_fields, 1U);
  EXPECT_EQ(answer.verdict.reply, R"({"accepted":1,"rejected":[]})");
}

TEST(Bulk, EveryKeyIsOptional) {
  Desk desk;
  EXPECT_EQ(desk.bulk("{}\n"
                      R"({"time":null,"rp":null,"client":null,"outcome":null,"error":null,)"
                      R"("ui_shown":null,"measures":null,"labels":null,"sample_rate":null})"
                      "\n"
                      R"({"time":"2026-10-20T00:00:00.123Z","rp":"null","ui_shown":false})")
                .events,
            (Events{"+0 - - unknown", "+0 - - unknown", "1792454400123 - - unknown ui=no"}));
}

// What tools write that know only floating point, null and booleans; the second time as templates.
TEST(Bulk, TakesWhatToolsMakeOfAnEvent) {
  Desk desk;
  const std::string lines =
      "\xEF\xBB\xBF"
      R"({"time":1792454400123.0,"measures":{"a":1e3,"b":3340.0,"c":null,"d":-0.0},"client":"f"})"
      "\n"
      R"({"labels":{"new_account":true,"orphaned":false,"browser_version":12,"os":null}})"
      "\n"
      R"({"error":"chrome.200","ui_shown":true})"
      "\n"
      R"({"time":"2026-10-20","error":null,"outcome":null})"
      "\n";
  const Events expected{"1792454400123 - f unknown a=1000 b=3340 d=0",
                        "+0 - - unknown new_account:true orphaned:false browser_version:12",
                        "+0 - - failure chrome.user_failure ui=yes", "1792454400000 - - unknown"};
  EXPECT_EQ(desk.bulk(lines).events, expected);
  EXPECT_EQ(desk.bulk(lines).events, expected);
}

TEST(Bulk, NamesWhatIsWrong) {
  Desk desk;
  const struct {
    const char* line;
    const char* error;
  } cases[] = {
      {"[]", "malformed: line: expected an object"},
      {"{\"client\":\"\xFF\"}", "malformed: JSON: The input is not valid UTF-8"},
      {R"({"measure":{}})", R"(unknown_field: measure: no such key, did you mean "measures"?)"},
      {R"({"clinet":"c"})", R"(unknown_field: clinet: no such key, did you mean "client"?)"},
      {R"({"something":1})", "unknown_field: something: no such key"},
      {R"({"time":1,"time":1})", "duplicate_key: time: expected only once"},
      {R"({"time":-1})", "negative: time: expected an integer that is not negative"},
      {R"({"time":1.5})", "not_integer: time: expected an integer"},
      {R"({"time":"yesterday"})", "time_out_of_range: time: expected ms or ISO 8601"},
      {R"({"time":1793086400001})",
       "time_out_of_range: time: expected ms since 1970, at most 24 hours ahead of now"},
      {R"({"rp":"rp.example"})", "name_invalid: rp: expected an http or https origin"},
      {R"({"rp":7})", "name_invalid: rp: expected a string"},
      {R"({"client":"a\nb"})", "name_invalid: client: expected UTF-8 without control characters"},
      {R"({"outcome":"good"})", "unknown_outcome: outcome: expected success, failure or unknown"},
      {R"({"outcome":"success","error":"chrome.1"})",
       R"(contradiction: error: expected only with "outcome":"failure")"},
      {R"({"outcome":"unknown","error":"chrome.1"})",
       R"(contradiction: error: expected only with "outcome":"failure")"},
      {R"({"time":1792454400123.5})", "not_integer: time: expected an integer"},
      {R"({"measures":{"a":1e10}})", "out_of_range: a: expected at most 4294967295"},
      {R"({"measures":{"a":-1.0}})", "negative: a: expected an integer that is not negative"},
      {R"({"ui_shown":"maybe"})", "unknown_outcome: ui_shown: expected yes, no or unknown"},
      {R"({"measures":[]})", "malformed: measures: expected an object of integers"},
      {R"({"measures":{"a":-1}})", "negative: a: expected an integer that is not negative"},
      {R"({"measures":{"a":4294967296}})", "out_of_range: a: expected at most 4294967295"},
      {R"({"measures":{"turnaround_time":600001}})",
       "out_of_range: turnaround_time: expected at most 600000"},
      {R"({"measures":{"a":1,"a":1}})", "duplicate_key: a: expected only once"},
      {R"({"measures":{"":1}})", "name_invalid: measure name: expected 1 to 128 bytes"},
      {R"({"labels":{"os":7.5}})", "name_invalid: labels: expected a string"},
      {R"({"labels":{"os":[]}})", "name_invalid: labels: expected a string"},
      {R"({"labels":{"os":"a","os":"b"}})", "duplicate_key: labels: expected each name only once"},
      {R"({"sample_rate":0})", "out_of_range: sample_rate: expected a number from 0.00001 to 1"},
      {R"({"measures":{"a":99999999999999999999}})", "out_of_range: JSON: a number is too large"},
  };
  for (const auto& c : cases) EXPECT_EQ(error_of(desk, c.line), c.error) << c.line;
  EXPECT_EQ(error_of(desk, R"({"outcome":"failure","error":"nobody.1"})").substr(0, 14),
            "unknown_error:");
  EXPECT_EQ(error_of(desk, R"({"measures":{"time_to_show_ui":1,"time_to_continue":1,)"
                           R"("time_to_receive_token":1,"turnaround_time":9}})")
                .substr(0, 16),
            "timing_identity:");
  for (const char* line : {"{", "{\"a\":1,}", "nul", "{} {}", "{\"time\":01}"}) {
    EXPECT_EQ(error_of(desk, line).substr(0, 10), "malformed:") << line;
  }
}

TEST(Bulk, GoodLinesAreStoredAndBadOnesNamedByLine) {
  Desk desk;
  const Answer answer = desk.bulk("{\"client\":\"a\"}\r\n\n  \r\nbad\n{\"client\":\"b\"}\nbad too");
  EXPECT_EQ(answer.events, (Events{"+0 - a unknown", "+0 - b unknown"}));
  const auto reply = nlohmann::json::parse(answer.verdict.reply);
  EXPECT_EQ(reply["accepted"], 2);
  EXPECT_EQ(reply["rejected"].size(), 2U);
  EXPECT_EQ(reply.size(), 2U);  // All are listed: no count besides.
  EXPECT_EQ(reply["rejected"][0]["line"], 4);
  EXPECT_EQ(reply["rejected"][1]["line"], 6);
  EXPECT_EQ(answer.verdict.received, 4U);
  EXPECT_EQ(answer.rejected(Reason::kMalformed), 2U);
}

TEST(Bulk, ListsSoManyErrorsAndCountsTheRest) {
  Desk desk;
  for (const std::size_t lines : {kLineErrorsMax, kLineErrorsMax + 1}) {
    std::string body;
    for (std::size_t i = 0; i < lines; ++i) body += "x\n";
    const auto reply = nlohmann::json::parse(desk.bulk(body).verdict.reply);
    EXPECT_EQ(reply["rejected"].size(), kLineErrorsMax);
    EXPECT_EQ(reply.value("rejected_count", std::size_t{0}), lines == kLineErrorsMax ? 0 : lines);
  }
}

TEST(Bulk, LinesHaveALimit) {
  Desk desk;
  const auto line = [](std::size_t size) {
    const std::string text = R"({"client":"c"})";
    return "{" + std::string(size - text.size(), ' ') + text.substr(1);
  };
  EXPECT_EQ(desk.bulk(line(kBulkLineBytesMax)).verdict.accepted, 1U);
  const Answer beyond = desk.bulk(line(kBulkLineBytesMax + 1));
  EXPECT_EQ(beyond.verdict.accepted, 0U);
  EXPECT_EQ(beyond.rejected(Reason::kLimit), 1U);
}

TEST(Bulk, DepthIsLimited) {
  Desk desk;
  EXPECT_EQ(
      error_of(desk, "{\"measures\":" + std::string(30'000, '[') + std::string(30'000, ']') + "}"),
      "malformed: JSON: nested deeper than 64 levels");
}

TEST(Bulk, MeasuresAndLabelsOfAnEventAreLimited) {
  Desk desk;
  const std::string name(kMeasureNameBytesMax, 'm');
  EXPECT_EQ(desk.bulk("{\"measures\":{\"" + name + "\":1}}").verdict.accepted, 1U);
  EXPECT_EQ(desk.bulk("{\"measures\":{\"m" + name + "\":1}}").rejected(Reason::kNameInvalid), 1U);
  std::string measures;
  for (std::size_t i = 0; i < kMeasuresPerEventMax; ++i) {
    measures += (i == 0 ? "" : ",") + ("\"m" + std::to_string(i)) + "\":1";
  }
  EXPECT_EQ(desk.bulk("{\"measures\":{" + measures + "}}").verdict.accepted, 1U);
  EXPECT_EQ(desk.bulk("{\"measures\":{" + measures + ",\"more\":1}}").rejected(Reason::kLimit), 1U);
  std::string labels;
  for (std::size_t i = 0; i < kLabelsPerEventMax; ++i) {
    labels += (i == 0 ? "" : ",") + ("\"l" + std::to_string(i)) + "\":\"x\"";
  }
  EXPECT_EQ(desk.bulk("{\"labels\":{" + labels + "}}").verdict.accepted, 1U);
  EXPECT_EQ(desk.bulk("{\"labels\":{" + labels + ",\"os\":\"x\"}}").rejected(Reason::kLimit), 1U);
}

TEST(Bulk, AFullBatchRefusesTheRestOfTheLines) {
  Desk desk;
  std::string body;
  for (std::size_t i = 0; i <= kBatchEventsMax; ++i) body += "{}\n";
  const Answer answer = desk.bulk(body + "not looked at\n\r\n\n{}");
  EXPECT_EQ(answer.verdict.accepted, kBatchEventsMax);
  EXPECT_EQ(answer.rejected(Reason::kLimit), 3U);
  EXPECT_EQ(answer.verdict.received, kBatchEventsMax + 3);
  const auto reply = nlohmann::json::parse(answer.verdict.reply);
  EXPECT_EQ(reply["rejected"][0]["line"], kBatchEventsMax + 1);
  EXPECT_EQ(reply["rejected"][2]["line"], kBatchEventsMax + 5);
  EXPECT_EQ(reply["rejected"][1]["error"],
            "limit: line: a request takes 1000000 events; send the lines from here on in another");
}

TEST(Bulk, ManySeriesOverflowTheTableOfKnownOnes) {
  Desk desk;
  std::string body;
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < kSeriesSlots; ++i) {
      body += "{\"client\":\"c" + std::to_string(i) + "\"}\n";
    }
  }
  const Answer answer = desk.bulk(body);
  EXPECT_EQ(answer.verdict.accepted, 2 * kSeriesSlots);
  EXPECT_EQ(answer.events[kSeriesSlots - 1], answer.events.back());
}

TEST(Bulk, TakesItsContentTypesOrNone) {
  Desk desk;
  for (const char* type :
       {"", "application/x-ndjson", "application/ndjson; charset=utf-8", "application/jsonl",
        "application/x-jsonlines", "application/json", "application/x-www-form-urlencoded"}) {
    EXPECT_EQ(desk.take({"/v1/events", "", type, "", "", "{}"}).verdict.status, 200) << type;
  }
  for (const char* type : {"text/plain", "text/csv"}) {
    EXPECT_EQ(desk.take({"/v1/events", "", type, "", "", "{}"}).verdict.status, 415) << type;
  }
  EXPECT_EQ(desk.bulk("").verdict.status, 400);
}

}  // namespace
}  // namespace kpi::server
