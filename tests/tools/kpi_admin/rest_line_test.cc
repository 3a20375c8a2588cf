// What a line of an archive must be, beside those of events.
#include "tools/kpi_admin/archive/rest_line.h"

#include <gtest/gtest.h>

#include <string>

namespace kpi::tools {
namespace {

TEST(RestLines, WrongLinesSayWhatWasExpected) {
  RestLines lines;
  for (const char* wrong :
       {"", "7", "{}", "{\"name\":\"x\"}", "{\"cell\":\"week\"}", "{\"cell\":\"day\"}",
        "{\"cell\":\"day\",\"begin\":0,\"counts\":{}}",
        "{\"cell\":\"day\",\"begin\":0,\"counts\":[{\"events\":-1}]}",
        "{\"cell\":\"day\",\"begin\":0,\"sketches\":[{\"measure\":\"m\",\"outcome\":\"success\","
        "\"sketch\":\"%%%%\"}]}",
        "{\"senders\":1}", "{\"senders\":\"r\",\"hour\":\"0\"}",
        "{\"senders\":\"r\",\"hour\":0,\"known\":-1,\"largest\":0}",
        "{\"senders\":\"r\",\"hour\":0,\"known\":1}", "{\"document\":1}",
        "{\"milestone\":\"m\"}"}) {
    const Status added = lines.add(wrong);
    ASSERT_FALSE(added.ok()) << wrong;
    EXPECT_NE(added.error().message.find("expected"), std::string::npos) << added.error().message;
  }
}

// Counts come back to the last digit.
TEST(RestLines, SendersAreWrittenAsTheyAreRead) {
  const std::string line =
      "{\"senders\":\"https://\\\"rp\\\"\",\"hour\":1795003200000,\"known\":18446744073709551615,"
      "\"largest\":9007199254740993}\n";
  RestLines lines;
  ASSERT_TRUE(lines.add(line).ok());
  ASSERT_EQ(lines.batch().senders.size(), 1U);
  const PortableSenders& senders = lines.batch().senders.front();
  EXPECT_EQ(senders.rp, "https://\"rp\"");
  EXPECT_EQ(senders.begin_ms, 1'795'003'200'000);
  EXPECT_EQ(senders.counts, (SenderCounts{18'446'744'073'709'551'615U, 9'007'199'254'740'993}));
  std::string written;
  append_senders_line(senders, &written);
  EXPECT_EQ(written, line);
  lines.clear();
  EXPECT_TRUE(lines.batch().senders.empty());
}

// The archive may come from anywhere: what it names is text, whatever ids a store gives.
TEST(RestLines, DocumentsAreWrittenAsTheyAreRead) {
  const std::string line = R"({"document":"0\u0000\"\\","time":-1,"text":"{\"a\":1}"})"
                           "\n";
  RestLines lines;
  ASSERT_TRUE(lines.add(line).ok());
  ASSERT_EQ(lines.batch().documents.size(), 1U);
  std::string written;
  append_document_line(lines.batch().documents.front(), &written);
  EXPECT_EQ(written, line);
}

}  // namespace
}  // namespace kpi::tools
