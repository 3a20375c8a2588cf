#include "query/render/histogram_text.h"

#include <gtest/gtest.h>

namespace kpi::query {
namespace {

TEST(HistogramText, ReadsWhatHistogramAnswers) {
  const auto bins = parse_histogram("[[0,0,2],[183, 184, 1.5]]");
  ASSERT_TRUE(bins);
  ASSERT_EQ(bins->size(), 2U);
  EXPECT_EQ((*bins)[1].lower, 183);
  EXPECT_EQ((*bins)[1].upper, 184);
  EXPECT_EQ((*bins)[1].count, 1.5);
  EXPECT_TRUE(parse_histogram("[]")->empty());
  EXPECT_TRUE(parse_histogram(" [ [ 1 , 1 , 1 ] ] "));
}

TEST(HistogramText, RefusesEverythingElse) {
  for (const char* text :
       {"", "[", "[]]", "[[]]", "[[1,2]]", "[[1,2,3,4]]", "[[1,2,3],]", "[[2,1,1]]", "[[-1,1,1]]",
        "[[1,1,-1]]", "[[1,1,nan]]", "[[inf,inf,1]]", "[[1,1,1]", "[[1,1,1]] x", "{}", "null",
        "https://rp.example", "[[1,1e16,1]]", "[[1 1 1]]"}) {
    EXPECT_FALSE(parse_histogram(text)) << text;
  }
}

TEST(HistogramText, EveryCutOfAGoodTextIsHarmless) {
  const std::string text = "[[0,0,2],[183,184,1.5]]";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_histogram(text.substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace kpi::query
