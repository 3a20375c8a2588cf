// Prints a tree with no more parentheses than its meaning needs: more would run into the limit of
// nesting when the text is parsed again.
#include "query/text/ast.h"
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

std::string select_text(const Select& select) {
  std::string out = "SELECT ";
  for (std::size_t i = 0; i < select.items.size(); ++i) {
    if (i > 0) out += ", ";
    out += to_text(*select.items[i].expr);
    if (!select.items[i].alias.empty()) out += " AS " + name_text(select.items[i].alias);
  }
  if (select.from_events) out += " FROM events";
  if (select.where) out += " WHERE " + to_text(*select.where);
  if (!select.group_by.empty()) out += " GROUP BY " + joined(select.group_by, 0, kOrLevel, ", ");
  if (select.having) out += " HAVING " + to_text(*select.having);
  for (std::size_t i = 0; i < select.order_by.size(); ++i) {
    const OrderItem& item = select.order_by[i];
    out += (i == 0 ? " ORDER BY " : ", ") + to_text(*item.expr);
    if (item.descending) out += " DESC";
    if (item.nulls_first) out += *item.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  }
  if (select.fill == FillMode::kNull) out += " FILL(NULL)";
  if (select.fill == FillMode::kZero) out += " FILL(0)";
  if (select.fill == FillMode::kPrevious) out += " FILL(PREVIOUS)";
  if (select.limit) out += " LIMIT " + std::to_string(*select.limit);
  if (select.offset) out += " OFFSET " + std::to_string(*select.offset);
  return out;
}

std::string show_text(const Show& show) {
  switch (show.subject) {
    case ShowSubject::kRps:
      return "SHOW RPS";
    case ShowSubject::kClients:
      return "SHOW CLIENTS FOR " + quoted(show.rp, '\'');
    case ShowSubject::kMeasures:
      return "SHOW MEASURES";
    case ShowSubject::kErrors:
      return "SHOW ERRORS";
    case ShowSubject::kLabels:
      return "SHOW LABELS";
    case ShowSubject::kStatus:
      return "SHOW STATUS";
  }
  return {};
}

struct BodyText {
  std::string operator()(const Select& select) const { return select_text(select); }
  std::string operator()(const Show& show) const { return show_text(show); }
  std::string operator()(const Explain& explain) const {
    return (explain.analyze ? "EXPLAIN ANALYZE " : "EXPLAIN ") + select_text(explain.select);
  }
};

}  // namespace

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
    case Expr::Kind::kString:
      return quoted(expr.text, '\'');
    case Expr::Kind::kInterval:
      return "INTERVAL " + quoted(expr.text, '\'');
    case Expr::Kind::kTimestamp:
      return "TIMESTAMP " + quoted(expr.text, '\'');
    case Expr::Kind::kName:
      return expr.quoted ? quoted(expr.text, '"') : name_text(expr.text);
    case Expr::Kind::kCall:
      return name_text(expr.text) + "(" + joined(expr.children, 0, kOrLevel, ", ") + ")";
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

std::string Statement::text() const { return std::visit(BodyText{}, node_->body); }

}  // namespace kpi::query
