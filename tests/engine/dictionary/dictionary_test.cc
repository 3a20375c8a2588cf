#include "engine/dictionary/dictionary.h"

#include <gtest/gtest.h>

namespace kpi {
namespace {

TEST(Dictionary, IdsAreDenseFromOneAndStable) {
  Dictionary dictionary;
  EXPECT_EQ(dictionary.intern(NameKind::kRp, 0, "https://a.example").id, 1U);
  EXPECT_EQ(dictionary.intern(NameKind::kRp, 0, "https://b.example").id, 2U);
  const auto again = dictionary.intern(NameKind::kRp, 0, "https://a.example");
  EXPECT_EQ(again.id, 1U);
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(dictionary.rp(2), "https://b.example");
  EXPECT_EQ(dictionary.find_rp("https://c.example"), std::nullopt);
}

TEST(Dictionary, OneClientNameAtTwoRpsIsTwoSeries) {
  Dictionary dictionary;
  dictionary.intern(NameKind::kRp, 0, "a");
  dictionary.intern(NameKind::kRp, 0, "b");
  EXPECT_EQ(dictionary.intern(NameKind::kSeries, 1, "client").id, 1U);
  EXPECT_EQ(dictionary.intern(NameKind::kSeries, 2, "client").id, 2U);
  EXPECT_EQ(dictionary.intern(NameKind::kSeries, 2, "").id, 3U);
  EXPECT_EQ(dictionary.find_series(2, "client"), 2U);
  EXPECT_EQ(dictionary.series(2).rp_id, 2U);
  EXPECT_EQ(dictionary.series_of_rp(2), (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(dictionary.rp_of_series(), (std::vector<std::uint32_t>{0, 1, 2, 2}));
}

TEST(Dictionary, RestoreRefusesGapsAndUnknownParents) {
  Dictionary dictionary;
  EXPECT_TRUE(dictionary.restore(NameKind::kRp, 1, 0, "a").ok());
  EXPECT_FALSE(dictionary.restore(NameKind::kRp, 3, 0, "c").ok());
  EXPECT_FALSE(dictionary.restore(NameKind::kRp, 2, 1, "b").ok());
  EXPECT_FALSE(dictionary.restore(NameKind::kSeries, 1, 2, "client").ok());
  EXPECT_TRUE(dictionary.restore(NameKind::kSeries, 1, 1, "client").ok());
}

TEST(Dictionary, ViewsOfNamesOutliveGrowth) {
  Dictionary dictionary;
  dictionary.intern(NameKind::kMeasure, 0, "first");
  const std::string_view first = dictionary.measure(1);
  for (int i = 0; i < 10'000; ++i) dictionary.intern(NameKind::kMeasure, 0, std::to_string(i));
  EXPECT_EQ(first, "first");
  EXPECT_EQ(dictionary.count(NameKind::kMeasure), 10'001U);
}

}  // namespace
}  // namespace kpi
