#include "server/http/accept.h"

#include <gtest/gtest.h>

namespace kpi::server {
namespace {

TEST(Accept, WithoutAWishItIsJson) {
  for (const char* accept :
       {"", " ", "*/*", "application/*", "*/*;q=0.1", "text/html, */*;q=0.8"}) {
    EXPECT_EQ(negotiate(accept), QueryFormat::kJson) << accept;
  }
}

TEST(Accept, TheNamedTypeIsTaken) {
  EXPECT_EQ(negotiate("text/csv"), QueryFormat::kCsv);
  EXPECT_EQ(negotiate("Text/CSV; charset=utf-8; header=present"), QueryFormat::kCsv);
  EXPECT_EQ(negotiate("text/*"), QueryFormat::kCsv);
  EXPECT_EQ(negotiate("application/x-ndjson"), QueryFormat::kNdjson);
  EXPECT_EQ(negotiate("application/ndjson"), QueryFormat::kNdjson);
  EXPECT_EQ(negotiate("text/csv, */*"), QueryFormat::kCsv);
  EXPECT_EQ(negotiate("*/*, application/x-ndjson"), QueryFormat::kNdjson);
}

TEST(Accept, TheHeaviestWinsThenTheFirst) {
  EXPECT_EQ(negotiate("text/csv;q=0.5, application/json"), QueryFormat::kJson);
  EXPECT_EQ(negotiate("application/json;q=0.2, application/x-ndjson; q=0.25, text/csv;q=.1"),
            QueryFormat::kCsv);  // A weight that is none counts as 1.
  EXPECT_EQ(negotiate("application/json;q=0.001, text/csv;q=0.002"), QueryFormat::kCsv);
  EXPECT_EQ(negotiate("application/x-ndjson, application/json"), QueryFormat::kNdjson);
  EXPECT_EQ(negotiate("text/csv;q=0.3, */*;q=0.5"), QueryFormat::kJson);
}

TEST(Accept, ZeroForbids) {
  EXPECT_EQ(negotiate("application/json;q=0, */*"), QueryFormat::kCsv);
  EXPECT_EQ(negotiate("*/*;q=0"), std::nullopt);
  EXPECT_EQ(negotiate("text/csv;q=0.000"), std::nullopt);
  EXPECT_EQ(negotiate("text/html"), std::nullopt);
  EXPECT_EQ(negotiate("image/*, text/csvx, application/jso, ;;,,=;"), std::nullopt);
}

}  // namespace
}  // namespace kpi::server
