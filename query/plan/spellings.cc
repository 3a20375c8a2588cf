#include "query/plan/spellings.h"

#include <algorithm>
#include <set>

namespace kpi::query {
namespace {

using Kind = Expr::Kind;

class Speller {
 public:
  explicit Speller(const std::vector<ValueAlias>& aliases) : aliases_(aliases) {}

  void operator()(Select& select) const { put(select.where); }
  void operator()(Listing& listing) const { put(listing.where); }
  void operator()(Compare& compare) const {
    put(compare.baseline);
    put(compare.candidate);
    put(compare.where);
  }
  void operator()(Funnel& funnel) const { put(funnel.where); }
  void operator()(Follow& follow) const { put(follow.where); }
  void operator()(Explain& explain) const { std::visit(*this, explain.of); }
  void operator()(Show&) const {}
  void operator()(CreateMilestone&) const {}
  void operator()(DropMilestone&) const {}

 private:
  void put(ExprPtr& condition) const {
    if (condition != nullptr) condition = spelled(condition);
  }

  ExprPtr spelled(const ExprPtr& expr) const {
    switch (expr->kind) {
      case Kind::kAnd:
      case Kind::kOr:
      case Kind::kNot: {
        Expr out = *expr;
        for (ExprPtr& child : out.children) child = spelled(child);
        return made(std::move(out));
      }
      case Kind::kCompare:
        return expr->text == "=" || expr->text == "<>" ? comparison(expr) : expr;
      case Kind::kIn:
        return in(expr, *expr->children[0], {expr->children.begin() + 1, expr->children.end()},
                  expr->negated);
      default:
        return expr;
    }
  }

  ExprPtr comparison(const ExprPtr& expr) const {
    const bool name_first = expr->children[0]->kind == Kind::kName;
    return in(expr, *expr->children[name_first ? 0 : 1], {expr->children[name_first ? 1 : 0]},
              expr->text == "<>");
  }

  ExprPtr in(const ExprPtr& expr, const Expr& label, const std::vector<ExprPtr>& values,
             bool negated) const {
    if (label.kind != Kind::kName || !has_aliases(label.text)) return expr;
    Expr out{Kind::kIn, expr->position, {}, false, negated, {std::make_shared<const Expr>(label)}};
    std::set<std::string> named;
    for (const ExprPtr& value : values) {
      out.children.push_back(value);
      if (value->kind == Kind::kString) named.insert(value->text);
    }
    const std::size_t written = named.size();
    for (const ExprPtr& value : values) {
      if (value->kind == Kind::kString) add_spellings(label.text, *value, named, out);
    }
    return named.size() == written ? expr : made(std::move(out));
  }

  bool has_aliases(const std::string& label) const {
    return std::any_of(aliases_.begin(), aliases_.end(),
                       [&label](const ValueAlias& alias) { return alias.label == label; });
  }

  void add_spellings(const std::string& label, const Expr& value, std::set<std::string>& named,
                     Expr& out) const {
    const std::string* stored = &value.text;
    for (const ValueAlias& alias : aliases_) {
      if (alias.label == label && alias.value == value.text) stored = &alias.stored;
    }
    const auto add = [&](const std::string& spelling) {
      if (!named.insert(spelling).second) return;
      Expr other = value;
      other.text = spelling;
      out.children.push_back(std::make_shared<const Expr>(std::move(other)));
    };
    add(*stored);
    for (const ValueAlias& alias : aliases_) {
      if (alias.label == label && alias.stored == *stored) add(alias.value);
    }
  }

  static ExprPtr made(Expr expr) {
    for (const ExprPtr& child : expr.children) {
      expr.height = std::max(expr.height, child->height + 1);
    }
    return std::make_shared<const Expr>(std::move(expr));
  }

  const std::vector<ValueAlias>& aliases_;
};

}  // namespace

Statement::Node with_all_spellings(Statement::Node node, const std::vector<ValueAlias>& aliases) {
  std::visit(Speller(aliases), node.body);
  return node;
}

}  // namespace kpi::query
