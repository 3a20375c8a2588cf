#include "query/parameter/value_expr.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "query/text/time_text.h"

namespace kpi::query {
namespace {

using Wanted = Place::Wanted;

class Writer {
 public:
  Writer(Wanted wanted, std::size_t position, std::size_t number)
      : wanted_(wanted), position_(position), number_(number) {}

  Result<ExprPtr> operator()(std::monostate) const { return make(Expr::Kind::kNull, {}); }
  Result<ExprPtr> operator()(const std::string& text) const {
    return make(Expr::Kind::kString, text);
  }
  Result<ExprPtr> operator()(bool truth) const {
    return make(Expr::Kind::kBool, truth ? "true" : "false");
  }

  Result<ExprPtr> operator()(std::int64_t whole) const {
    if (wanted_ == Wanted::kTime) return time(whole);
    if (whole >= 0) return make(Expr::Kind::kNumber, std::to_string(whole));
    if (wanted_ == Wanted::kRows) return invalid("a number of rows", std::to_string(whole));
    if (whole != std::numeric_limits<std::int64_t>::min()) {
      return negated(std::to_string(-whole));
    }
    const ExprPtr nearest = negated(std::to_string(std::numeric_limits<std::int64_t>::max()));
    return make(Expr::Kind::kArithmetic, "-", {nearest, make(Expr::Kind::kNumber, "1")});
  }

  Result<ExprPtr> operator()(double number) const {
    if (!std::isfinite(number)) return invalid("a finite number", std::to_string(number));
    std::array<char, 64> digits{};
    const auto written =
        std::to_chars(digits.data(), digits.data() + digits.size(), std::fabs(number));
    std::string text(digits.data(), written.ptr);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return std::signbit(number) ? negated(std::move(text))
                                : make(Expr::Kind::kNumber, std::move(text));
  }

 private:
  ExprPtr make(Expr::Kind kind, std::string text, std::vector<ExprPtr> children = {}) const {
    Expr expr{kind, position_, std::move(text)};
    for (const ExprPtr& child : children) expr.height = std::max(expr.height, child->height + 1);
    expr.children = std::move(children);
    expr.bound_from = number_;
    return std::make_shared<const Expr>(std::move(expr));
  }

  ExprPtr negated(std::string digits) const {
    return make(Expr::Kind::kNegate, {}, {make(Expr::Kind::kNumber, std::move(digits))});
  }

  Result<ExprPtr> time(std::int64_t ms) const {
    constexpr std::int64_t kFarMs = 400'000'000'000'000;  // Beyond the year 9999, either way.
    if (ms > -kFarMs && ms < kFarMs) {
      std::string text = iso_time(ms);
      if (parse_time(text) == ms) return make(Expr::Kind::kTimestamp, std::move(text));
    }
    return invalid("a time within the years 1 to 9999", std::to_string(ms) + " ms");
  }

  Error invalid(const char* expected, const std::string& found) const {
    return {ErrorCode::kInvalidArgument,
            "$" + std::to_string(number_) + ": expected " + expected + ", found " + found,
            {},
            position_};
  }

  Wanted wanted_;
  std::size_t position_, number_;
};

}  // namespace

Result<ExprPtr> value_expr(const Value& value, Wanted wanted, std::size_t position,
                           std::size_t number) {
  return std::visit(Writer(wanted, position, number), value);
}

}  // namespace kpi::query
