#include "query/parameter/rewrite.h"

#include <algorithm>

#include "query/function/aggregate.h"
#include "query/plan/bucketing.h"

namespace kpi::query {
namespace {

using Wanted = Place::Wanted;

class Rewriter {
 public:
  Rewriter(Names* names, const ParameterWriter& write) : scope_{names, nullptr}, write_(write) {}

  void operator()(Select& select) {
    for (SelectItem& item : select.items) put(item.expr, {Wanted::kColumn});
    put(select.where, {Wanted::kBool});
    put(select.group_by);
    scope_.aliases = &select.items;
    put(select.having, {Wanted::kBool});
    for (OrderItem& item : select.order_by) put(item.expr, {});
    scope_.aliases = nullptr;
    put(select.limit, {Wanted::kRows});
    put(select.offset, {Wanted::kRows});
  }
  void operator()(Listing& listing) {
    put(listing.where, {Wanted::kBool});
    put(listing.limit, {Wanted::kRows});
    put(listing.offset, {Wanted::kRows});
  }
  void operator()(Compare& compare) {
    for (SelectItem& item : compare.items) put(item.expr, {});
    put(compare.baseline, {Wanted::kBool});
    put(compare.candidate, {Wanted::kBool});
    put(compare.window, {Wanted::kInterval});
    put(compare.where, {Wanted::kBool});
    put(compare.group_by);
  }
  void operator()(Funnel& funnel) {
    put(funnel.where, {Wanted::kBool});
    put(funnel.group_by);
  }
  void operator()(CreateMilestone& create) { put(create.at, {Wanted::kTime}); }
  void operator()(Follow& follow) { put(follow.where, {Wanted::kBool}); }
  void operator()(Explain& explain) { std::visit(*this, explain.of); }
  void operator()(Show&) {}
  void operator()(DropMilestone&) {}

  const std::optional<Error>& error() const { return error_; }

 private:
  void put(ExprPtr& expr, const Place& place) {
    if (expr != nullptr) expr = walk(expr, place);
  }
  void put(std::vector<ExprPtr>& exprs) {
    for (ExprPtr& expr : exprs) put(expr, {});
  }

  ExprPtr walk(const ExprPtr& expr, const Place& place) {
    if (error_) return expr;
    if (expr->kind == Expr::Kind::kParameter) {
      auto written = write_(*expr, place);
      if (written.ok()) return std::move(written).value();
      error_ = std::move(written).error();
      return expr;
    }
    std::vector<ExprPtr> children;
    children.reserve(expr->children.size());
    std::optional<Place> siblings;  // Found once a node: lists may be long.
    for (std::size_t i = 0; i < expr->children.size(); ++i) {
      const ExprPtr& child = expr->children[i];
      Place wanted;
      if (depends_on_place(*child)) {
        if (!siblings) siblings = of_siblings(*expr);
        wanted = place_of_child(*expr, i, place, *siblings);
      }
      children.push_back(walk(child, wanted));
    }
    if (children == expr->children) return expr;
    Expr out = *expr;
    out.children = std::move(children);
    for (const ExprPtr& child : out.children) out.height = std::max(out.height, child->height + 1);
    return std::make_shared<const Expr>(std::move(out));
  }

  static bool depends_on_place(const Expr& expr) {
    return expr.kind == Expr::Kind::kParameter || expr.kind == Expr::Kind::kNegate ||
           expr.kind == Expr::Kind::kArithmetic;
  }

  Place place_of_child(const Expr& expr, std::size_t index, const Place& place,
                       const Place& siblings) const {
    switch (expr.kind) {
      case Expr::Kind::kNegate:
        return number_or(place, Wanted::kFloat);
      case Expr::Kind::kNot:
      case Expr::Kind::kAnd:
      case Expr::Kind::kOr:
        return {Wanted::kBool};
      case Expr::Kind::kCompare:
      case Expr::Kind::kIn:
      case Expr::Kind::kBetween:
        return siblings;
      case Expr::Kind::kLike:
        return {Wanted::kText};
      case Expr::Kind::kArithmetic:
        return of_operand(place_of(*expr.children[1 - index], scope_), place);
      case Expr::Kind::kCast:
        return place_of_cast(expr.text);
      case Expr::Kind::kCall:
        return of_argument(expr, index);
      default:
        return {};
    }
  }

  static Place number_or(const Place& place, Wanted otherwise) {
    const bool number = place.wanted == Wanted::kInt || place.wanted == Wanted::kFloat;
    return {number ? place.wanted : otherwise};
  }

  Place of_siblings(const Expr& expr) const {
    const bool compared = expr.kind == Expr::Kind::kCompare || expr.kind == Expr::Kind::kIn ||
                          expr.kind == Expr::Kind::kBetween;
    if (!compared) return {};
    for (const ExprPtr& child : expr.children) {
      Place place = place_of(*child, scope_);
      if (decides(place.wanted)) return place;
    }
    return {};
  }

  // Beside `other`, within something that stands at `place`.
  static Place of_operand(const Place& other, const Place& place) {
    if (other.wanted == Wanted::kTime) return {Wanted::kInterval};
    if (other.wanted == Wanted::kInterval) {
      return {place.wanted == Wanted::kInterval ? Wanted::kInterval : Wanted::kTime};
    }
    return number_or(other, number_or(place, Wanted::kFloat).wanted);
  }

  static Place of_argument(const Expr& call, std::size_t index) {
    if (is_bucket_call(call) && index == 1) return {Wanted::kTime};
    if (is_bucket_call(call)) return {Wanted::kText, call.text == "date_trunc" ? "day" : "1 hour"};
    if (index == 0) return {};
    const auto found = find_aggregate(call.text);
    const bool bound =
        found && found->aggregate->arguments == Aggregate::Arguments::kMeasureAndBound;
    return {bound ? Wanted::kInt : Wanted::kFloat};
  }

  PlaceScope scope_;
  const ParameterWriter& write_;
  std::optional<Error> error_;
};

}  // namespace

Result<Statement::Node> rewrite_parameters(const Statement::Node& node, Names* names,
                                           const ParameterWriter& write) {
  Statement::Node out = node;
  Rewriter rewriter(names, write);
  std::visit([&rewriter](auto& body) { rewriter(body); }, out.body);
  if (rewriter.error()) return *rewriter.error();
  return out;
}

}  // namespace kpi::query
