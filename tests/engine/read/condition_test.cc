#include "engine/read/condition.h"

#include <gtest/gtest.h>

namespace kpi {
namespace {

using Kind = Predicate::Kind;

Predicate dimension(Kind kind, Dimension of, std::vector<std::string> values) {
  Predicate predicate;
  predicate.kind = kind;
  predicate.dimension.dimension = of;
  if (of == Dimension::kLabel) predicate.dimension.label = "browser";
  predicate.values = std::move(values);
  return predicate;
}

Predicate measure(Comparison comparison, std::int64_t operand, std::string name = "turnaround") {
  Predicate predicate;
  predicate.kind = Kind::kMeasureCompare;
  predicate.measure = std::move(name);
  predicate.comparison = comparison;
  predicate.operand = operand;
  return predicate;
}

Predicate join(Kind kind, std::vector<Predicate> children) {
  Predicate predicate;
  predicate.kind = kind;
  predicate.children = std::move(children);
  return predicate;
}
Predicate negate(Predicate child) { return join(Kind::kNot, {std::move(child)}); }

// Four events: with measure 10 and browser a; with 20; with browser b; with nothing, an error.
class ConditionTest : public testing::Test {
 protected:
  ConditionTest() {
    const auto label = dictionary_.intern(NameKind::kLabel, 0, "browser").id;
    const auto a = dictionary_.intern(NameKind::kLabelValue, label, "a").id;
    const auto b = dictionary_.intern(NameKind::kLabelValue, label, "b").id;
    const auto id = dictionary_.intern(NameKind::kMeasure, 0, "turnaround").id;
    const EventKind success(Outcome::kSuccess, UiShown::kUnknown);
    const EventKind error(Outcome::kFailure, UiShown::kYes, {Dialect::kChrome, 200});
    events_.times_ms = {1, 2, 3, 4};
    events_.kinds = {success, success, success, error};
    events_.measures = {{id, {10, 20}, {0, 1}}};
    events_.labels = {{label, {a, 0, b, 0}}};
  }

  std::vector<std::uint8_t> select(const Predicate& predicate) {
    Condition condition({&predicate}, dictionary_);
    condition.set_series("https://rp.example", "");
    std::vector<std::uint8_t> selected(events_.size(), 1);
    condition.select(events_, &selected);
    return selected;
  }

  using Rows = std::vector<std::uint8_t>;
  Dictionary dictionary_;
  EventColumns events_;
};

TEST_F(ConditionTest, ComparisonsWithNullAreUnknownAndSoAreTheirNegations) {
  EXPECT_EQ(select(measure(Comparison::kLess, 15)), (Rows{1, 0, 0, 0}));
  EXPECT_EQ(select(negate(measure(Comparison::kLess, 15))), (Rows{0, 1, 0, 0}));
  EXPECT_EQ(select(measure(Comparison::kEqual, 0, "absent")), (Rows{0, 0, 0, 0}));
  EXPECT_EQ(select(negate(measure(Comparison::kEqual, 0, "absent"))), (Rows{0, 0, 0, 0}));
  const Predicate a = dimension(Kind::kDimensionIn, Dimension::kLabel, {"a"});
  EXPECT_EQ(select(a), (Rows{1, 0, 0, 0}));
  EXPECT_EQ(select(negate(a)), (Rows{0, 0, 1, 0}));
  const Predicate user = dimension(Kind::kDimensionIn, Dimension::kErrorClass, {"user"});
  EXPECT_EQ(select(user), (Rows{0, 0, 0, 1}));
  EXPECT_EQ(select(negate(user)), (Rows{0, 0, 0, 0}));
}

TEST_F(ConditionTest, UnknownGivesWayToWhatDecides) {
  const Predicate small = measure(Comparison::kLess, 15);
  const Predicate failed = dimension(Kind::kDimensionIn, Dimension::kOutcome, {"failure"});
  EXPECT_EQ(select(join(Kind::kOr, {small, failed})), (Rows{1, 0, 0, 1}));
  EXPECT_EQ(select(negate(join(Kind::kAnd, {small, failed}))), (Rows{1, 1, 1, 0}));
  EXPECT_EQ(select(negate(join(Kind::kOr, {small, failed}))), (Rows{0, 1, 0, 0}));
}

TEST_F(ConditionTest, IsNullIsNeverUnknown) {
  Predicate null;
  null.kind = Kind::kMeasureIsNull;
  null.measure = "turnaround";
  EXPECT_EQ(select(null), (Rows{0, 0, 1, 1}));
  EXPECT_EQ(select(negate(null)), (Rows{1, 1, 0, 0}));
  const Predicate label = dimension(Kind::kDimensionIsNull, Dimension::kLabel, {});
  EXPECT_EQ(select(label), (Rows{0, 1, 0, 1}));
  EXPECT_EQ(select(dimension(Kind::kDimensionIsNull, Dimension::kClient, {})), (Rows{0, 0, 0, 0}));
  EXPECT_EQ(select(dimension(Kind::kDimensionIsNull, Dimension::kError, {})), (Rows{1, 1, 1, 0}));
}

TEST_F(ConditionTest, ComparesAsAllSixOperators) {
  EXPECT_EQ(select(measure(Comparison::kLessEqual, 10)), (Rows{1, 0, 0, 0}));
  EXPECT_EQ(select(measure(Comparison::kEqual, 20)), (Rows{0, 1, 0, 0}));
  EXPECT_EQ(select(measure(Comparison::kNotEqual, 20)), (Rows{1, 0, 0, 0}));
  EXPECT_EQ(select(measure(Comparison::kGreaterEqual, 20)), (Rows{0, 1, 0, 0}));
  EXPECT_EQ(select(measure(Comparison::kGreater, 10)), (Rows{0, 1, 0, 0}));
  EXPECT_EQ(select(measure(Comparison::kGreater, -1)), (Rows{1, 1, 0, 0}));
  EXPECT_EQ(select(measure(Comparison::kLess, std::int64_t{1} << 40)), (Rows{1, 1, 0, 0}));
}

TEST_F(ConditionTest, TimesAreHalfOpenAndLikeTestsNames) {
  Predicate time;
  time.kind = Kind::kTime;
  time.range = {2, 4};
  EXPECT_EQ(select(negate(time)), (Rows{1, 0, 0, 1}));
  EXPECT_EQ(select(dimension(Kind::kDimensionLike, Dimension::kError, {"chrome.%"})),
            (Rows{0, 0, 0, 1}));
  EXPECT_EQ(select(dimension(Kind::kDimensionLike, Dimension::kRp, {"https://__.example"})),
            (Rows{1, 1, 1, 1}));
  EXPECT_EQ(select(dimension(Kind::kDimensionIn, Dimension::kClient, {""})), (Rows{1, 1, 1, 1}));
}

TEST_F(ConditionTest, NamesTheColumnsItNeeds) {
  const Predicate both = join(Kind::kOr, {measure(Comparison::kLess, 1),
                                          dimension(Kind::kDimensionIn, Dimension::kLabel, {"a"})});
  std::vector<std::uint32_t> measures;
  bool labels = false;
  Condition({&both}, dictionary_).add_columns(&measures, &labels);
  EXPECT_EQ(measures.size(), 1U);
  EXPECT_TRUE(labels);
}

}  // namespace
}  // namespace kpi
