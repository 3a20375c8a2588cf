#include "tools/kpi_load/request_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace kpi::load {
namespace {

constexpr std::int64_t kNowMs = 1'795'000'000'000;

std::vector<Request> all_of(RequestSource& source) {
  std::vector<Request> requests;
  while (auto request = source.next()) requests.push_back(std::move(*request));
  return requests;
}

std::uint64_t events_of(const std::vector<Request>& requests) {
  std::uint64_t events = 0;
  for (const Request& request : requests) events += request.events;
  return events;
}

std::int64_t lines_of(const Request& request) {
  return std::count(request.body().begin(), request.body().end(), '\n');
}

TEST(RequestSource, HandsOutAsManyEventsAsAskedFor) {
  Options options;
  options.events = 1001;
  options.mix = parse_mix("all").value();
  const auto source = make_request_source(options, kNowMs);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(events_of(all_of(*source.value())), 1001U);
}

TEST(RequestSource, BatchesReuseBodiesAndCutTheLast) {
  Options options;
  options.events = 1050;
  options.ndjson_batch = 100;
  options.bodies = 3;
  const auto source = make_request_source(options, kNowMs);
  ASSERT_TRUE(source.ok());
  const auto requests = all_of(*source.value());
  ASSERT_EQ(requests.size(), 11U);
  EXPECT_EQ(requests[0].body().data(), requests[3].body().data());
  EXPECT_EQ(lines_of(requests[9]), 100);
  EXPECT_EQ(lines_of(requests[10]), 50);
}

TEST(RequestSource, IdsAreDenseFromTheFirst) {
  Options options;
  options.events = 250;
  options.acks = "acks";
  options.first_id = 7;
  for (const std::uint32_t batch : {1U, 100U}) {
    options.mix = parse_mix("ndjson").value();
    options.ndjson_batch = batch;
    const auto source = make_request_source(options, kNowMs);
    ASSERT_TRUE(source.ok());
    std::int64_t expected = 7;
    for (const Request& request : all_of(*source.value())) {
      EXPECT_EQ(request.first_id, expected);
      EXPECT_NE(request.body().find("\"ack_id\":" + std::to_string(expected)),
                std::string_view::npos);
      expected += request.events;
    }
    EXPECT_EQ(expected, 257);
  }
}

class FileOfLines : public testing::Test {
 protected:
  std::vector<Request> requests_of(const std::string& text) {
    std::ofstream(path_) << text;
    Options options;
    options.file = path_;
    options.ndjson_batch = 2;
    source_ = make_request_source(options, kNowMs);
    return source_.ok() ? all_of(*source_.value()) : std::vector<Request>();
  }
  ~FileOfLines() override { std::filesystem::remove(path_); }
  const std::string path_ = testing::TempDir() + "request_source_test.ndjson";
  Result<std::unique_ptr<RequestSource>> source_ = Error{};
};

TEST_F(FileOfLines, IsCutAtLineEnds) {
  const auto requests = requests_of("1\n22\n333\n");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].body(), "1\n22\n");
  EXPECT_EQ(requests[1].body(), "333\n");
  EXPECT_EQ(source_.value()->events_total(), 3U);
}

TEST_F(FileOfLines, MayLackTheLastNewline) {
  const auto requests = requests_of("1\n2");
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].events, 2U);
  EXPECT_EQ(source_.value()->events_total(), 2U);
}

TEST_F(FileOfLines, IsAnErrorWhereThereIsNothing) {
  requests_of("");
  EXPECT_FALSE(source_.ok());
  Options options;
  options.file = "/nowhere/at/all";
  EXPECT_FALSE(make_request_source(options, kNowMs).ok());
}

}  // namespace
}  // namespace kpi::load
