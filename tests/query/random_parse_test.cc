// Printing and parsing are inverse, and no text, however broken, does harm.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "kpi/query.h"
#include "query/text/ast.h"

namespace kpi::query {
namespace {

using Kind = Expr::Kind;

class RandomParse : public testing::TestWithParam<std::uint64_t> {  // The parameter is the seed.
 protected:
  std::size_t below(std::size_t bound) { return rng_() % bound; }
  bool chance() { return below(2) == 0; }

  ExprPtr make(Kind kind, std::string text, std::vector<ExprPtr> children = {}, bool quoted = false,
               bool negated = false) {
    return std::make_shared<const Expr>(
        Expr{kind, 0, std::move(text), quoted, negated, std::move(children), 1});
  }

  std::string any_text() {
    static const char* kTexts[] = {"a",      "it's", "a\"b", "",     "x y",
                                   "1 hour", "--",   "/*",   "%_\\", "\n"};
    return kTexts[below(10)];
  }

  ExprPtr leaf() {
    switch (below(9)) {
      case 8:
        return make(Kind::kParameter, std::array{"1", "27", "1000"}[below(3)]);
      case 0:
        return make(Kind::kNull, "");
      case 1:
        return make(Kind::kBool, chance() ? "true" : "false");
      case 2:
        return make(Kind::kNumber, std::array{"0", "12", "1.5", "2e3", ".5"}[below(5)]);
      case 3:
        return make(Kind::kString, any_text());
      case 4:
        return make(chance() ? Kind::kInterval : Kind::kTimestamp, any_text());
      case 5:
        return make(Kind::kName, std::array{"Odd", "select", "a b", "\"", "x"}[below(5)], {}, true);
      case 6:
        return make(Kind::kCall, "count", {make(Kind::kStar, "")});
      default:
        return make(Kind::kName, std::array{"rp", "screen.rp_info", "interval"}[below(3)]);
    }
  }

  std::vector<ExprPtr> several(std::size_t least, std::size_t depth) {
    std::vector<ExprPtr> out(least + below(3));
    for (ExprPtr& expr : out) expr = tree(depth);
    return out;
  }

  ExprPtr tree(std::size_t depth) {
    if (depth == 0 || below(5) == 0) return leaf();
    const std::size_t next = depth - 1;
    switch (below(11)) {
      case 0:
        return make(Kind::kNegate, "", {tree(next)});
      case 1:
        return make(Kind::kNot, "", {tree(next)});
      case 2:
        return make(Kind::kAnd, "", several(2, next));
      case 3:
        return make(Kind::kOr, "", several(2, next));
      case 4:
        return make(Kind::kIn, "", several(2, next), false, chance());
      case 5:
        return make(Kind::kLike, "", {tree(next), tree(next)}, false, chance());
      case 6:
        return make(Kind::kIsNull, "", {tree(next)}, false, chance());
      case 7:
        return make(Kind::kBetween, "", {tree(next), tree(next), tree(next)}, false, chance());
      case 8:
        return make(Kind::kCast, std::array{"text", "int8", "interval"}[below(3)], {tree(next)});
      case 9:
        return make(Kind::kCompare, std::array{"=", "<>", "<", "<=", ">", ">="}[below(6)],
                    {tree(next), tree(next)});
      default:
        return make(Kind::kArithmetic, std::array{"+", "-", "*", "/", "%"}[below(5)],
                    {tree(next), tree(next)});
    }
  }

  ExprPtr maybe(std::size_t depth) { return chance() ? tree(depth) : nullptr; }

  ExprPtr rows() {
    if (chance()) return nullptr;
    return chance() ? make(Kind::kNumber, std::to_string(below(100))) : make(Kind::kParameter, "7");
  }

  // A parameter is no column.
  ExprPtr column(std::size_t depth) {
    ExprPtr expr = tree(depth);
    while (expr->kind == Kind::kParameter) expr = tree(depth);
    return expr;
  }
  std::vector<ExprPtr> columns(std::size_t least) {
    std::vector<ExprPtr> out(least + below(3));
    for (ExprPtr& expr : out) expr = column(2);
    return out;
  }

  std::vector<SelectItem> items() {
    std::vector<SelectItem> out;
    for (std::size_t i = below(3); i < 3; ++i) {
      constexpr std::array kAliases = {"", "t", "Order", "select", "baseline", "around", "window"};
      out.push_back({tree(4), kAliases[below(kAliases.size())]});
    }
    return out;
  }

  std::vector<QuotedName> names(std::size_t least) {
    std::vector<QuotedName> out(least + below(3));
    for (QuotedName& name : out) name.text = any_text();
    return out;
  }

  Select random_select() {
    Select select;
    select.items = items();
    select.from_events = chance();
    select.where = maybe(5);
    if (chance()) select.group_by = columns(1);
    select.having = maybe(4);
    for (ExprPtr& expr : columns(0)) {
      select.order_by.push_back(
          {expr, chance(), chance() ? std::optional(chance()) : std::nullopt});
    }
    select.fill = static_cast<FillMode>(below(4));
    select.limit = rows();
    select.offset = rows();
    return select;
  }

  Listing random_listing() {
    Listing listing;
    listing.where = maybe(5);
    listing.ordered = chance();
    listing.descending = listing.ordered && chance();
    listing.limit = rows();
    listing.offset = rows();
    return listing;
  }

  Compare random_compare() {
    Compare compare;
    compare.items = items();
    if (chance()) {
      compare.baseline = tree(4);
      compare.candidate = tree(4);
    } else {
      compare.milestone = "m" + any_text();
      if (chance()) {
        compare.window =
            make(std::array{Kind::kString, Kind::kInterval, Kind::kParameter}[below(3)], "7");
      }
    }
    compare.where = maybe(5);
    if (chance()) compare.group_by = columns(1);
    return compare;
  }

  Funnel random_funnel() {
    Funnel funnel;
    funnel.steps = names(1);
    if (chance()) funnel.exclusions = names(1);
    funnel.where = maybe(5);
    if (chance()) funnel.group_by = columns(1);
    return funnel;
  }

  Show random_show() {
    Show show;
    show.subject =
        static_cast<ShowSubject>(below(static_cast<std::size_t>(ShowSubject::kStatus) + 1));
    if (show.subject == ShowSubject::kClients) show.rp = any_text();
    return show;
  }

  Explain random_explain() {
    Explain explain;
    explain.analyze = chance();
    switch (below(4)) {
      case 0:
        explain.of = random_select();
        break;
      case 1:
        explain.of = random_listing();
        break;
      case 2:
        explain.of = random_compare();
        break;
      default:
        explain.of = random_funnel();
    }
    return explain;
  }

  Statement random_statement() {
    auto node = std::make_shared<Statement::Node>();
    switch (below(12)) {
      case 0:
        node->body = random_listing();
        break;
      case 1:
        node->body = random_compare();
        break;
      case 2:
        node->body = random_funnel();
        break;
      case 3:
        node->body = random_show();
        break;
      case 4:
        node->body = CreateMilestone{{any_text()}, tree(4)};
        break;
      case 5:
        node->body = DropMilestone{{any_text()}};
        break;
      case 6:
        node->body = Follow{maybe(5)};
        break;
      case 7:
      case 8:
        node->body = random_explain();
        break;
      default:
        node->body = random_select();
    }
    return Statement(node);
  }

  std::mt19937_64 rng_{GetParam()};
};

TEST_P(RandomParse, APrintedTreeParsesToItself) {
  for (int i = 0; i < 60; ++i) {
    const Statement statement = random_statement();
    const std::string text = statement.text();
    const auto parsed = parse(text);
    ASSERT_TRUE(parsed.ok()) << text << '\n'
                             << parsed.error().position << ": " << parsed.error().message;
    ASSERT_EQ(parsed.value().size(), 1U) << text;
    EXPECT_TRUE(equal(parsed.value()[0], statement)) << text << '\n' << parsed.value()[0].text();
  }
}

TEST_P(RandomParse, ABrokenTextGivesAnErrorWithinIt) {
  for (int i = 0; i < 50; ++i) {
    std::string text = random_statement().text();
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
      const std::size_t at = below(text.size());
      if (chance()) {
        text.erase(at, 1 + below(5));
      } else {
        text.insert(at, 1, static_cast<char>(below(256)));
      }
      if (text.empty()) text = ";";
    }
    const auto parsed = parse(text);
    if (parsed.ok()) continue;
    EXPECT_GE(parsed.error().position, 1U) << text;
    EXPECT_LE(parsed.error().position, text.size() + 1) << text;
    EXPECT_FALSE(parsed.error().message.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomParse, testing::Range<std::uint64_t>(0, 50));

}  // namespace
}  // namespace kpi::query
