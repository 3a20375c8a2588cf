// Prints a tree with no more parentheses than its meaning needs: more would run into the limit of
// nesting when the text is parsed again.
#include "query/text/printer.h"

#include "query/text/token.h"

namespace kpi::query {
namespace {

enum Precedence : int {
  kOrLevel = 1,
  kAndLevel,
  kNotLevel,
  kCompareLevel,
  kAddLevel,
  kMultiplyLevel,
  kNegateLevel,
  kCastLevel,
  kPrimaryLevel
};

int level(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::kOr:
      return kOrLevel;
    case Expr::Kind::kAnd:
      return kAndLevel;
    case Expr::Kind::kNot:
      return kNotLevel;
    case Expr::Kind::kCompare:
    case Expr::Kind::kIn:
    case Expr::Kind::kLike:
    case Expr::Kind::kIsNull:
    case Expr::Kind::kBetween:
      return kCompareLevel;
    case Expr::Kind::kArithmetic:
      return expr.text == "+" || expr.text == "-" ? kAddLevel : kMultiplyLevel;
    case Expr::Kind::kNegate:
      return kNegateLevel;
    case Expr::Kind::kCast:
      return kCastLevel;
    default:
      return kPrimaryLevel;
  }
}

// `expr`, in parentheses where it binds more loosely than `least`.
std::string within(const Expr& expr, int least) {
  const std::string text = to_text(expr);
  return level(expr) < least ? "(" + text + ")" : text;
}

std::string joined(const std::vector<ExprPtr>& exprs, std::size_t from, int least,
                   const char* separator) {
  std::string out;
  for (std::size_t i = from; i < exprs.size(); ++i) {
    if (i > from) out += separator;
    out += within(*exprs[i], least);
  }
  return out;
}

std::string condition_text(const Expr& expr) {
  const std::string left = within(*expr.children[0], kAddLevel);
  const std::string no = expr.negated ? " NOT" : "";
  switch (expr.kind) {
    case Expr::Kind::kIn:
      return left + no + " IN (" + joined(expr.children, 1, kOrLevel, ", ") + ")";
    case Expr::Kind::kLike:
      return left + no + " LIKE " + within(*expr.children[1], kAddLevel);
    case Expr::Kind::kIsNull:
      return left + " IS" + no + " NULL";
    case Expr::Kind::kBetween:
      return left + no + " BETWEEN " + joined(expr.children, 1, kAddLevel, " AND ");
    default:
      return left + " " + expr.text + " " + within(*expr.children[1], kAddLevel);
  }
}

}  // namespace

std::string quoted(const std::string& text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

std::string name_text(const std::string& name) {
  return is_plain_name(name) ? name : quoted(name, '"');
}

std::string comma_list(const std::vector<ExprPtr>& exprs) {
  return joined(exprs, 0, kOrLevel, ", ");
}

std::string to_text(const Expr& expr) {
  const int own = level(expr);
  switch (expr.kind) {
    case Expr::Kind::kNull:
      return "NULL";
    case Expr::Kind::kStar:
      return "*";
    case Expr::Kind::kBool:
    case Expr::Kind::kNumber:
      return expr.text;
    case Expr::Kind::kParameter:
      return "$" + expr.text;
    case Expr::Kind::kString:
      return quoted(expr.text, '\'');
    case Expr::Kind::kInterval:
      return "INTERVAL " + quoted(expr.text, '\'');
    case Expr::Kind::kTimestamp:
      return "TIMESTAMP " + quoted(expr.text, '\'');
    case Expr::Kind::kName:
      return expr.quoted ? quoted(expr.text, '"') : name_text(expr.text);
    case Expr::Kind::kCall:
      return name_text(expr.text) + "(" + comma_list(expr.children) + ")";
    case Expr::Kind::kNegate:  // Never two in a row: -- begins a comment.
      return "-" + within(*expr.children[0], kNegateLevel + 1);
    case Expr::Kind::kNot:
      return "NOT " + within(*expr.children[0], own);
    case Expr::Kind::kAnd:
      return joined(expr.children, 0, own + 1, " AND ");
    case Expr::Kind::kOr:
      return joined(expr.children, 0, own + 1, " OR ");
    case Expr::Kind::kArithmetic:
      return within(*expr.children[0], own) + " " + expr.text + " " +
             within(*expr.children[1], own + 1);
    case Expr::Kind::kCast:
      return within(*expr.children[0], own) + "::" + expr.text;
    default:
      return condition_text(expr);
  }
}

}  // namespace kpi::query
