#include "query/text/ast.h"

#include <algorithm>

namespace kpi::query {
namespace {

bool equal(const ExprPtr& left, const ExprPtr& right) {
  if (left == nullptr || right == nullptr) return left == right;
  return equal(*left, *right);
}

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
         left.fill == right.fill && left.limit == right.limit && left.offset == right.offset;
}

bool equal(const Show& left, const Show& right) {
  return left.subject == right.subject && left.rp == right.rp;
}

bool equal(const Explain& left, const Explain& right) {
  return left.analyze == right.analyze && equal(left.select, right.select);
}

}  // namespace

bool equal(const Expr& left, const Expr& right) {
  return left.kind == right.kind && left.text == right.text && left.quoted == right.quoted &&
         left.negated == right.negated && equal(left.children, right.children);
}

bool equal(const Statement& left, const Statement& right) {
  const auto& a = left.node().body;
  const auto& b = right.node().body;
  if (a.index() != b.index()) return false;
  return std::visit(
      [&b](const auto& body) { return equal(body, std::get<std::decay_t<decltype(body)>>(b)); }, a);
}

}  // namespace kpi::query
