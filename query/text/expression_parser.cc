#include "query/text/expression_parser.h"

#include <algorithm>
#include <array>

#include "kpi/limits.h"

namespace kpi::query {
namespace {

using Kind = Expr::Kind;

struct TypeName {
  std::string_view written, canonical;
};
constexpr std::array<TypeName, 23> kTypes = {{{"text", "text"},
                                              {"varchar", "text"},
                                              {"character", "text"},
                                              {"char", "text"},
                                              {"bpchar", "text"},
                                              {"int8", "int8"},
                                              {"int2", "int8"},
                                              {"smallint", "int8"},
                                              {"bigint", "int8"},
                                              {"int", "int8"},
                                              {"int4", "int8"},
                                              {"integer", "int8"},
                                              {"float8", "float8"},
                                              {"float", "float8"},
                                              {"real", "float8"},
                                              {"numeric", "float8"},
                                              {"decimal", "float8"},
                                              {"double", "float8"},
                                              {"timestamp", "timestamptz"},
                                              {"timestamptz", "timestamptz"},
                                              {"bool", "bool"},
                                              {"boolean", "bool"},
                                              {"interval", "interval"}}};

}  // namespace

// Counts one level of parentheses, NOT, minus or call for as long as it lives.
class ExpressionParser::Nesting {
 public:
  explicit Nesting(ExpressionParser& parser) : depth_(parser.depth_) {
    if (++depth_ <= kStatementDepthMax) return;
    parser.cursor_.fail({ErrorCode::kLimitExceeded,
                         "expected at most " + std::to_string(kStatementDepthMax) +
                             " levels of nesting, found more",
                         {},
                         parser.cursor_.peek().position});
  }
  ~Nesting() { --depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  std::size_t& depth_;
};

ExprPtr ExpressionParser::make(Expr expr) {
  if (cursor_.failed()) return nullptr;
  for (const ExprPtr& child : expr.children) {
    expr.height = std::max(expr.height, child->height + 1);
  }
  if (expr.height > kExprHeightMax) {
    cursor_.fail(
        {ErrorCode::kLimitExceeded,
         "expected at most " + std::to_string(kExprHeightMax) + " operators in a row, found more",
         {},
         expr.position});
    return nullptr;
  }
  return std::make_shared<const Expr>(std::move(expr));
}

std::vector<ExprPtr> ExpressionParser::list() {
  std::vector<ExprPtr> exprs;
  do {
    exprs.push_back(expression());
  } while (cursor_.accept_symbol(","));
  return exprs;
}

ExprPtr ExpressionParser::chain(Kind kind, const char* word,
                                ExprPtr (ExpressionParser::*operand)()) {
  ExprPtr first = (this->*operand)();
  if (!cursor_.at_word(word)) return first;
  Expr expr{kind, first->position};
  expr.children.push_back(std::move(first));
  while (cursor_.accept_word(word)) expr.children.push_back((this->*operand)());
  return make(std::move(expr));
}

ExprPtr ExpressionParser::disjunction() {
  return chain(Kind::kOr, "or", &ExpressionParser::conjunction);
}
ExprPtr ExpressionParser::conjunction() {
  return chain(Kind::kAnd, "and", &ExpressionParser::negation);
}

ExprPtr ExpressionParser::negation() {
  if (!cursor_.at_word("not")) return condition();
  const Nesting nesting(*this);
  Expr expr{Kind::kNot, cursor_.take().position};
  if (cursor_.failed()) return nullptr;
  expr.children.push_back(negation());
  return make(std::move(expr));
}

ExprPtr ExpressionParser::condition() {
  ExprPtr left = sum();
  const Token token = cursor_.peek();
  for (const std::string_view op : {"=", "<>", "<", "<=", ">", ">="}) {
    if (!cursor_.accept_symbol(op)) continue;
    ExprPtr right = sum();
    return make({Kind::kCompare, token.position, token.text, false, false, {left, right}});
  }
  if (cursor_.at_word("is")) return is_null(std::move(left));
  const bool negated = cursor_.accept_word("not");
  if (cursor_.at_word("in")) return in(std::move(left), negated);
  if (cursor_.at_word("like")) return like(std::move(left), negated);
  if (cursor_.at_word("between")) return between(std::move(left), negated);
  if (negated) cursor_.expected("IN, LIKE or BETWEEN");
  return left;
}

ExprPtr ExpressionParser::in(ExprPtr left, bool negated) {
  Expr expr{Kind::kIn, cursor_.take().position, {}, false, negated, {std::move(left)}};
  if (!cursor_.expect_symbol("(")) return nullptr;
  const Nesting nesting(*this);
  for (ExprPtr& value : list()) expr.children.push_back(std::move(value));
  if (!cursor_.expect_symbol(")")) return nullptr;
  return make(std::move(expr));
}

ExprPtr ExpressionParser::like(ExprPtr left, bool negated) {
  const std::size_t position = cursor_.take().position;
  ExprPtr pattern = sum();
  return make({Kind::kLike, position, {}, false, negated, {std::move(left), std::move(pattern)}});
}

ExprPtr ExpressionParser::between(ExprPtr left, bool negated) {
  const std::size_t position = cursor_.take().position;
  ExprPtr low = sum();
  if (!cursor_.expect_word("and")) return nullptr;
  ExprPtr high = sum();
  return make({Kind::kBetween,
               position,
               {},
               false,
               negated,
               {std::move(left), std::move(low), std::move(high)}});
}

ExprPtr ExpressionParser::is_null(ExprPtr left) {
  const std::size_t position = cursor_.take().position;
  const bool negated = cursor_.accept_word("not");
  if (!cursor_.expect_word("null")) return nullptr;
  return make({Kind::kIsNull, position, {}, false, negated, {std::move(left)}});
}

ExprPtr ExpressionParser::arithmetic(std::string_view operators,
                                     ExprPtr (ExpressionParser::*operand)()) {
  ExprPtr left = (this->*operand)();
  while (!cursor_.failed() && cursor_.peek().kind == Token::Kind::kSymbol &&
         cursor_.peek().text.size() == 1 &&
         operators.find(cursor_.peek().text[0]) != std::string_view::npos) {
    const Token op = cursor_.take();
    ExprPtr right = (this->*operand)();
    left = make({Kind::kArithmetic, op.position, op.text, false, false, {left, right}});
  }
  return left;
}

ExprPtr ExpressionParser::sum() { return arithmetic("+-", &ExpressionParser::product); }
ExprPtr ExpressionParser::product() { return arithmetic("*/%", &ExpressionParser::sign); }

ExprPtr ExpressionParser::sign() {
  if (!cursor_.at_symbol("+") && !cursor_.at_symbol("-")) return cast();
  const Nesting nesting(*this);
  if (cursor_.accept_symbol("+")) return sign();
  Expr expr{Kind::kNegate, cursor_.take().position};
  expr.children.push_back(sign());
  return make(std::move(expr));
}

ExprPtr ExpressionParser::cast() {
  ExprPtr expr = primary();
  while (cursor_.at_symbol("::")) {
    const std::size_t position = cursor_.take().position;
    if (cursor_.accept_word("date")) {
      expr = day_of(std::move(expr));
      continue;
    }
    std::string type = type_name();
    expr = make({Kind::kCast, position, std::move(type), false, false, {expr}});
  }
  return expr;
}

std::string ExpressionParser::type_name() {
  for (const TypeName& type : kTypes) {
    if (!cursor_.accept_word(type.written)) continue;
    if (type.written == "double") cursor_.accept_word("precision");
    if (type.written == "character") cursor_.accept_word("varying");
    type_sizes();
    const bool zone = type.written == "timestamp" &&
                      (cursor_.accept_word("with") || cursor_.accept_word("without"));
    if (zone && cursor_.expect_word("time")) cursor_.expect_word("zone");
    return std::string(type.canonical);
  }
  cursor_.expected("a type", "types are text, int8, float8, timestamptz, date, interval and bool");
  return {};
}

// As in varchar(20) and numeric(10, 2): read, and nothing is cut.
void ExpressionParser::type_sizes() {
  if (!cursor_.accept_symbol("(")) return;
  do {
    if (cursor_.peek().kind != Token::Kind::kNumber) return cursor_.expected("a number");
    cursor_.take();
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(")");
}

// There is no type of days: x::date is the begin of its day.
ExprPtr ExpressionParser::day_of(ExprPtr moment) {
  if (cursor_.failed()) return nullptr;
  const std::size_t position = moment->position;
  ExprPtr unit = make({Kind::kString, position, "day"});
  const bool time = moment->kind == Kind::kName && !moment->quoted && moment->text == "time";
  if (!time) moment = make({Kind::kCast, position, "timestamptz", false, false, {moment}});
  return make({Kind::kCall, position, "date_trunc", false, false, {unit, moment}});
}

// The moments that PostgreSQL writes without parentheses. Nothing: none of them stands here.
ExprPtr ExpressionParser::moment_word() {
  const std::size_t position = cursor_.peek().position;
  const bool day = cursor_.accept_word("current_date");
  if (!day && !cursor_.accept_word("current_timestamp") && !cursor_.accept_word("localtimestamp")) {
    return nullptr;
  }
  ExprPtr now = make({Kind::kCall, position, "now"});
  return day ? day_of(std::move(now)) : now;
}

ExprPtr ExpressionParser::primary() {
  if (cursor_.failed()) return nullptr;
  const Token token = cursor_.peek();
  if (token.kind == Token::Kind::kNumber) {
    cursor_.take();
    return make({Kind::kNumber, token.position, token.text});
  }
  if (token.kind == Token::Kind::kString) {
    cursor_.take();
    return make({Kind::kString, token.position, token.text});
  }
  if (token.kind == Token::Kind::kParameter) {
    cursor_.take();
    return make({Kind::kParameter, token.position, token.text});
  }
  if (cursor_.at_symbol("(")) return parenthesised();
  if (cursor_.accept_word("null")) return make({Kind::kNull, token.position});
  if (cursor_.accept_word("true")) return make({Kind::kBool, token.position, "true"});
  if (cursor_.accept_word("false")) return make({Kind::kBool, token.position, "false"});
  if (cursor_.at_word("cast") && cursor_.at_symbol("(", 1)) return cast_call();
  if (cursor_.at_name()) return name_or_call();
  if (ExprPtr moment = moment_word()) return moment;
  cursor_.expected("an expression");
  return nullptr;
}

ExprPtr ExpressionParser::parenthesised() {
  const Nesting nesting(*this);
  cursor_.take();
  ExprPtr inner = expression();
  if (!cursor_.expect_symbol(")")) return nullptr;
  return inner;
}

ExprPtr ExpressionParser::cast_call() {
  const Nesting nesting(*this);
  const std::size_t position = cursor_.take().position;
  cursor_.take();
  ExprPtr inner = expression();
  if (!cursor_.expect_word("as")) return nullptr;
  if (cursor_.accept_word("date")) {
    return cursor_.expect_symbol(")") ? day_of(std::move(inner)) : nullptr;
  }
  std::string type = type_name();
  if (!cursor_.expect_symbol(")")) return nullptr;
  return make({Kind::kCast, position, std::move(type), false, false, {std::move(inner)}});
}

ExprPtr ExpressionParser::name_or_call() {
  const Token name = cursor_.take();
  const bool quoted = name.kind == Token::Kind::kQuotedName;
  if (!quoted && cursor_.peek().kind == Token::Kind::kString) {
    if (name.text == "interval") {
      return make({Kind::kInterval, name.position, cursor_.take().text});
    }
    if (name.text == "timestamp" || name.text == "timestamptz" || name.text == "date") {
      return make({Kind::kTimestamp, name.position, cursor_.take().text});
    }
  }
  if (cursor_.at_symbol("(")) return call(name);
  return make({Kind::kName, name.position, name.text, quoted});
}

ExprPtr ExpressionParser::call(const Token& name) {
  const Nesting nesting(*this);
  cursor_.take();
  Expr expr{Kind::kCall, name.position, name.text};
  if (cursor_.accept_symbol(")")) return make(std::move(expr));
  if (cursor_.at_symbol("*")) {
    expr.children.push_back(make({Kind::kStar, cursor_.take().position}));
  } else {
    expr.children = list();
  }
  if (!cursor_.expect_symbol(")")) return nullptr;
  return make(std::move(expr));
}

}  // namespace kpi::query
