#include "query/parameter/place.h"

#include "query/function/aggregate.h"
#include "query/plan/bucketing.h"

namespace kpi::query {
namespace {

using Wanted = Place::Wanted;

Place of_kind(Kind kind) {
  switch (kind) {
    case Kind::kInt:
      return {Wanted::kInt};
    case Kind::kFloat:
      return {Wanted::kFloat};
    default:
      return {Wanted::kText};
  }
}

Place of_dimension(Dimension dimension) {
  if (dimension == Dimension::kOutcome) return {Wanted::kText, "success"};
  if (dimension == Dimension::kErrorClass) return {Wanted::kText, "idp"};
  if (dimension == Dimension::kUiShown) return {Wanted::kText, "yes"};
  return {Wanted::kText};
}

Place of_name(const Expr& expr, const PlaceScope& scope) {
  if (scope.aliases != nullptr) {
    for (const SelectItem& item : *scope.aliases) {
      if (item.alias == expr.text) return place_of(*item.expr, {scope.names, nullptr});
    }
  }
  if (expr.text == "time") return {Wanted::kTime};
  if (const auto dimension = find_dimension(expr.text)) return of_dimension(*dimension);
  if (scope.names == nullptr) return {};
  if (resolve_dimension(expr, *scope.names)) return {Wanted::kText};
  return {Wanted::kInt};
}

Place of_call(const Expr& expr) {
  if (is_bucket_call(expr) || expr.text == "now") return {Wanted::kTime};
  const auto aggregate = find_aggregate(expr.text);
  return aggregate ? of_kind(aggregate->aggregate->result) : Place{Wanted::kText};
}

Place of_arithmetic(const Expr& expr, const PlaceScope& scope) {
  const Place left = place_of(*expr.children[0], scope);
  const Place right = place_of(*expr.children[1], scope);
  for (const Wanted decisive : {Wanted::kTime, Wanted::kInterval, Wanted::kFloat}) {
    if (left.wanted == decisive || right.wanted == decisive) return {decisive};
  }
  if (expr.text == "/") return {Wanted::kFloat};
  return left.wanted == Wanted::kInt || right.wanted == Wanted::kInt ? Place{Wanted::kInt}
                                                                     : Place{};
}

Expr::Kind literal_kind(Wanted wanted) {
  switch (wanted) {
    case Wanted::kInt:
    case Wanted::kFloat:
    case Wanted::kRows:
      return Expr::Kind::kNumber;
    case Wanted::kTime:
      return Expr::Kind::kTimestamp;
    case Wanted::kBool:
      return Expr::Kind::kBool;
    default:
      return Expr::Kind::kString;
  }
}

std::string literal_text(const Place& place) {
  switch (place.wanted) {
    case Wanted::kInt:
    case Wanted::kRows:
      return "1";
    case Wanted::kFloat:
      return "0.5";
    case Wanted::kTime:
      return "2000-01-01";
    case Wanted::kInterval:
      return "1 day";
    case Wanted::kBool:
      return "true";
    default:
      return place.sample;
  }
}

}  // namespace

Type type_of(Wanted wanted) {
  switch (wanted) {
    case Wanted::kInt:
    case Wanted::kRows:
      return Type::kInt8;
    case Wanted::kFloat:
      return Type::kFloat8;
    case Wanted::kTime:
      return Type::kTimestamp;
    case Wanted::kBool:
      return Type::kBool;
    default:
      return Type::kText;
  }
}

ExprPtr sample_of(const Place& place, std::size_t position) {
  Expr expr{literal_kind(place.wanted), position, literal_text(place)};
  expr.bound_from = 1;
  return std::make_shared<const Expr>(std::move(expr));
}

Place place_of_cast(const std::string& type) {
  if (type == "int8") return {Wanted::kInt};
  if (type == "float8") return {Wanted::kFloat};
  if (type == "timestamptz") return {Wanted::kTime};
  if (type == "interval") return {Wanted::kInterval};
  if (type == "bool") return {Wanted::kBool};
  return {Wanted::kText};
}

Place place_of(const Expr& expr, const PlaceScope& scope) {
  switch (expr.kind) {
    case Expr::Kind::kNull:
    case Expr::Kind::kString:  // As in PostgreSQL, a string is what its place makes of it.
    case Expr::Kind::kStar:
    case Expr::Kind::kParameter:
      return {};
    case Expr::Kind::kNumber:
      return {expr.text.find_first_of(".eE") == std::string::npos ? Wanted::kInt : Wanted::kFloat};
    case Expr::Kind::kInterval:
      return {Wanted::kInterval};
    case Expr::Kind::kTimestamp:
      return {Wanted::kTime};
    case Expr::Kind::kName:
      return of_name(expr, scope);
    case Expr::Kind::kCall:
      return of_call(expr);
    case Expr::Kind::kNegate:
      return place_of(*expr.children[0], scope);
    case Expr::Kind::kArithmetic:
      return of_arithmetic(expr, scope);
    case Expr::Kind::kCast:
      return place_of_cast(expr.text);
    default:
      return {Wanted::kBool};
  }
}

}  // namespace kpi::query
