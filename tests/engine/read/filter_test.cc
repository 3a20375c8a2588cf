#include "engine/read/filter.h"

#include <gtest/gtest.h>

#include "kpi/limits.h"

namespace kpi {
namespace {

using Kind = Predicate::Kind;

Predicate in(Dimension dimension, std::string value = "x") {
  Predicate predicate;
  predicate.kind = Kind::kDimensionIn;
  predicate.dimension.dimension = dimension;
  predicate.values = {std::move(value)};
  return predicate;
}

Predicate join(Kind kind, std::vector<Predicate> children) {
  Predicate predicate;
  predicate.kind = kind;
  predicate.children = std::move(children);
  return predicate;
}

Predicate time(TimeRange range) {
  Predicate predicate;
  predicate.kind = Kind::kTime;
  predicate.range = range;
  return predicate;
}

TEST(Filter, SplitsConjunctsByWhatTheyNeed) {
  Predicate measure;
  measure.kind = Kind::kMeasureIsNull;
  const Predicate where =
      join(Kind::kAnd, {in(Dimension::kRp), in(Dimension::kOutcome),
                        join(Kind::kAnd, {in(Dimension::kClient), in(Dimension::kLabel)}), measure,
                        join(Kind::kOr, {in(Dimension::kRp), in(Dimension::kError)}), Predicate{}});
  const Filter filter = split_filter(where, {}).value();
  EXPECT_EQ(filter.series.size(), 2U);
  EXPECT_EQ(filter.kind.size(), 2U);
  EXPECT_EQ(filter.event.size(), 2U);
  EXPECT_EQ(filter.needs, kNeedsSeries | kNeedsOutcome | kNeedsKind | kNeedsLabel | kNeedsEvent);
}

TEST(Filter, SeriesConditionsAloneNeedNothingOfEvents) {
  const Filter filter = split_filter(in(Dimension::kRp), {}).value();
  EXPECT_EQ(filter.needs, 0);
}

TEST(Filter, NarrowsTheRangeByTimesOfTheTopLevelOnly) {
  const Predicate where = join(Kind::kAnd, {time({10, 50}), time({20, 90})});
  EXPECT_EQ(split_filter(where, {0, 40}).value().range, (TimeRange{20, 40}));
  const Predicate other = join(Kind::kNot, {time({10, 50})});
  EXPECT_EQ(split_filter(other, {0, 40}).value().range, (TimeRange{0, 40}));
  EXPECT_EQ(split_filter(other, {0, 40}).value().event.size(), 1U);
  EXPECT_EQ(split_filter(Predicate{}, {}).value().range, (TimeRange{0, kTimeMsMax + 1}));
  EXPECT_TRUE(split_filter(time({50, 60}), {0, 40}).value().range.empty());
}

TEST(Filter, RefusesPredicatesWithoutTheirParts) {
  Predicate like = in(Dimension::kRp);
  like.kind = Kind::kDimensionLike;
  like.values.clear();
  for (const Predicate& bad : {join(Kind::kAnd, {}), join(Kind::kOr, {}), join(Kind::kNot, {}),
                               join(Kind::kAnd, {like})}) {
    const auto filter = split_filter(bad, {});
    ASSERT_FALSE(filter.ok());
    EXPECT_EQ(filter.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Filter, RefusesMoreThanTheDeepestNesting) {
  Predicate predicate = in(Dimension::kOutcome);
  for (int depth = 1; depth < kPredicateDepthMax; ++depth)
    predicate = join(Kind::kNot, {predicate});
  EXPECT_TRUE(split_filter(predicate, {}).ok());
  const auto deeper = split_filter(join(Kind::kNot, {predicate}), {});
  ASSERT_FALSE(deeper.ok());
  EXPECT_EQ(deeper.error().code, ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace kpi
