#include "query/text/ast.h"

#include <algorithm>

namespace kpi::query {
namespace {

bool equal(const ExprPtr& left, const ExprPtr& right) {
  if (left == nullptr || right == nullptr) return left == right;
  return equal(*left, *right);
}

bool equal(const QuotedName& left, const QuotedName& right) { return left.text == right.text; }

bool equal(const SelectItem& left, const SelectItem& right) {
  return left.alias == right.alias && equal(left.expr, right.expr);
}

bool equal(const OrderItem& left, const OrderItem& right) {
  return left.descending == right.descending && left.nulls_first == right.nulls_first &&
         equal(left.expr, right.expr);
}

template <class T>
bool equal(const std::vector<T>& left, const std::vector<T>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const T& a, const T& b) { return equal(a, b); });
}

bool equal(const Select& left, const Select& right) {
  return equal(left.items, right.items) && left.from_events == right.from_events &&
         equal(left.where, right.where) && equal(left.group_by, right.group_by) &&
         equal(left.having, right.having) && equal(left.order_by, right.order_by) &&
         left.fill == right.fill && equal(left.limit, right.limit) &&
         equal(left.offset, right.offset);
}

bool equal(const Listing& left, const Listing& right) {
  return left.ordered == right.ordered && left.descending == right.descending &&
         equal(left.where, right.where) && equal(left.limit, right.limit) &&
         equal(left.offset, right.offset);
}

bool equal(const Compare& left, const Compare& right) {
  return equal(left.items, right.items) && equal(left.baseline, right.baseline) &&
         equal(left.candidate, right.candidate) && left.milestone == right.milestone &&
         equal(left.window, right.window) && equal(left.where, right.where) &&
         equal(left.group_by, right.group_by);
}

bool equal(const Funnel& left, const Funnel& right) {
  return equal(left.steps, right.steps) && equal(left.exclusions, right.exclusions) &&
         equal(left.where, right.where) && equal(left.group_by, right.group_by);
}

bool equal(const CreateMilestone& left, const CreateMilestone& right) {
  return equal(left.name, right.name) && equal(left.at, right.at);
}

bool equal(const DropMilestone& left, const DropMilestone& right) {
  return equal(left.name, right.name);
}

bool equal(const Follow& left, const Follow& right) { return equal(left.where, right.where); }

bool equal(const Show& left, const Show& right) {
  return left.subject == right.subject && left.rp == right.rp;
}

bool equal(const Explain& left, const Explain& right);

template <class... Bodies>
bool equal(const std::variant<Bodies...>& left, const std::variant<Bodies...>& right) {
  if (left.index() != right.index()) return false;
  return std::visit(
      [&right](const auto& body) {
        return equal(body, std::get<std::decay_t<decltype(body)>>(right));
      },
      left);
}

bool equal(const Explain& left, const Explain& right) {
  return left.analyze == right.analyze && equal(left.of, right.of);
}

}  // namespace

bool equal(const Expr& left, const Expr& right) {
  return left.kind == right.kind && left.text == right.text && left.quoted == right.quoted &&
         left.negated == right.negated && equal(left.children, right.children);
}

bool equal(const Statement& left, const Statement& right) {
  return equal(left.node().body, right.node().body);
}

}  // namespace kpi::query
