#include "tools/kpi_load/dialects.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kpi/event.h"

namespace kpi::load {
namespace {

using nlohmann::json;

Attempt success() {
  Attempt attempt;
  attempt.time_ms = 1'794'999'999'999;
  attempt.show = 300;
  attempt.config = 90;
  attempt.accounts = 140;
  attempt.metadata = 70;
  attempt.prompt = 2800;
  attempt.token = 180;
  return attempt;
}

Attempt failure(Cause cause) {
  Attempt attempt;
  attempt.time_ms = 1'794'999'999'999;
  attempt.success = false;
  attempt.cause = cause;
  return attempt;
}

TEST(Dialects, FedcmSuccessHasSevenTimings) {
  std::string body;
  append_fedcm_body(body, success());
  const json parsed = json::parse(body, nullptr, false);
  EXPECT_EQ(parsed["url"], "https://rp1.example/");
  EXPECT_EQ(parsed["body"]["clientId"], "client1");
  EXPECT_EQ(parsed["body"]["timing"].size(), 7U);
  EXPECT_EQ(parsed["body"]["timing"]["turnaround_time"], 3280);
}

TEST(Dialects, FailuresHaveTheCodesOfTheirDialect) {
  std::string fedcm, chrome;
  append_fedcm_body(fedcm, failure(Cause::kUser));
  append_chrome_body(chrome, failure(Cause::kUser));
  EXPECT_EQ(json::parse(fedcm, nullptr, false)["body"]["errorId"], 301);
  EXPECT_EQ(chrome, "outcome=failure&error_code=200&did_show_ui=true");
}

TEST(Dialects, NdjsonNamesEveryErrorAsTheStoreDoes) {
  for (int i = 0; i <= static_cast<int>(Cause::kUser); ++i) {
    const auto cause = static_cast<Cause>(i);
    std::string line;
    append_ndjson_line(line, failure(cause), -1);
    const ErrorId error{Dialect::kFedcm, static_cast<std::uint32_t>(fedcm_code(cause))};
    EXPECT_EQ(json::parse(line, nullptr, false)["error"], error_name(error));
  }
}

TEST(Dialects, NdjsonCarriesTheId) {
  std::string with, without;
  append_ndjson_line(with, failure(Cause::kRp), 4'000'000'000);
  append_ndjson_line(without, success(), -1);
  EXPECT_EQ(json::parse(with, nullptr, false)["measures"]["ack_id"], 4'000'000'000);
  EXPECT_FALSE(json::parse(without, nullptr, false)["measures"].contains("ack_id"));
  EXPECT_EQ(std::count(without.begin(), without.end(), '\n'), 1);
}

TEST(Dialects, ReportsAreABatchWithAges) {
  const Attempt attempts[] = {success(), failure(Cause::kToken)};
  Random random(1);
  std::string body;
  append_reporting_body(body, attempts, success().time_ms + 1500, random);
  const json parsed = json::parse(body, nullptr, false);
  ASSERT_EQ(parsed.size(), 2U);
  EXPECT_EQ(parsed[0]["age"], 1500);
  EXPECT_EQ(parsed[1]["body"]["errorId"], 106);
}

class BrowseridRecords : public testing::TestWithParam<std::uint64_t> {};  // The seed.

TEST_P(BrowseridRecords, AreFlooredToTenMinutesAndFitTheBodyLimit) {
  Random random(GetParam());
  for (const auto& attempt : {success(), failure(Cause::kUser), failure(Cause::kToken)}) {
    std::string record;
    append_browserid_record(record, attempt, random);
    const json parsed = json::parse(record, nullptr, false);
    ASSERT_TRUE(parsed.is_object()) << record;
    EXPECT_EQ(parsed["timestamp"].get<std::int64_t>() % 600'000, 0);
    EXPECT_LE(parsed["timestamp"].get<std::int64_t>(), attempt.time_ms);
    EXPECT_GE(parsed["event_stream"].size(), 4U);
    EXPECT_LT(record.size(), 3'000U);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BrowseridRecords, testing::Range<std::uint64_t>(0, 50));

}  // namespace
}  // namespace kpi::load
