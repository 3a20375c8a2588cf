#include "query/parameter/parameters.h"

#include <algorithm>
#include <charconv>

#include "query/parameter/rewrite.h"
#include "query/parameter/value_expr.h"

namespace kpi::query {
namespace {

using Wanted = Place::Wanted;

Error invalid(const Expr& at, std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), {}, at.position};
}

std::size_t number_of(const Expr& parameter) {
  std::size_t number = 0;
  const std::string& text = parameter.text;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

const char* type_name(Type type) {
  constexpr const char* kNames[] = {"text", "int8", "float8", "timestamptz", "bool"};
  return kNames[static_cast<std::size_t>(type)];
}

struct Use {
  Wanted wanted = Wanted::kAny;
  std::size_t position = 0;  // 0: never.
};

// What each parameter is used as, by number from 0.
Result<std::vector<Use>> uses(const Statement::Node& node, Names* names) {
  std::vector<Use> out;
  const auto note = [&out](const Expr& parameter, const Place& place) -> Result<ExprPtr> {
    const std::size_t number = number_of(parameter);
    out.resize(std::max(out.size(), number));
    Use& use = out[number - 1];
    const bool decided = decides(use.wanted);
    if (decided && decides(place.wanted) && type_of(place.wanted) != type_of(use.wanted)) {
      return invalid(parameter, "expected one type for " + to_text(parameter) + ", found " +
                                    type_name(type_of(use.wanted)) + " and " +
                                    type_name(type_of(place.wanted)));
    }
    if (!decided) use.wanted = place.wanted;
    if (use.position == 0) use.position = parameter.position;
    return std::make_shared<const Expr>(parameter);
  };
  const auto walked = rewrite_parameters(node, names, note);
  if (!walked.ok()) return walked.error();
  return out;
}

// Where a place decides nothing, another place of the same parameter may.
Place decided(const Place& place, const Use& use) {
  return decides(place.wanted) || !decides(use.wanted) ? place : Place{use.wanted};
}

// A column that nothing decides is a text, as it was described.
ExprPtr as_column(ExprPtr value) {
  if (value->kind == Expr::Kind::kString) return value;
  Expr cast{Expr::Kind::kCast, value->position, "text"};
  cast.height = value->height + 1;
  cast.children.push_back(std::move(value));
  return std::make_shared<const Expr>(std::move(cast));
}

}  // namespace

Result<Statement::Node> with_samples(const Statement::Node& node, const View& view) {
  Names names(view);
  const auto used = uses(node, &names);
  if (!used.ok()) return used.error();
  return rewrite_parameters(
      node, &names, [&used](const Expr& parameter, const Place& place) -> Result<ExprPtr> {
        return sample_of(decided(place, used.value()[number_of(parameter) - 1]),
                         parameter.position);
      });
}

Status without_parameters(const Statement::Node& node) {
  const auto refuse = [](const Expr& parameter, const Place&) -> Result<ExprPtr> {
    Error error = invalid(parameter, "expected a value for " + to_text(parameter) + ", found none");
    error.hint = "a statement with parameters is prepared and bound first";
    return error;
  };
  const auto walked = rewrite_parameters(node, nullptr, refuse);
  if (!walked.ok()) return walked.error();
  return ok_status();
}

Error naming_parameter(Error error, const Statement::Node& node) {
  for (const auto& [position, number] : node.bound) {
    if (position != error.position || error.position == 0) continue;
    error.message = "$" + std::to_string(number) + ": " + error.message;
    break;
  }
  return error;
}

Result<std::vector<Type>> parameter_types(const Statement& statement, const Store& store) {
  auto view = store.view();
  if (!view.ok()) return std::move(view).error();
  Names names(*view.value());
  const auto used = uses(statement.node(), &names);
  if (!used.ok()) return used.error();
  std::vector<Type> types;
  for (const Use& use : used.value()) {
    if (use.position == 0) {
      return Error{ErrorCode::kInvalidArgument, "expected parameters without a gap, found no $" +
                                                    std::to_string(types.size() + 1) + " beside $" +
                                                    std::to_string(used.value().size())};
    }
    types.push_back(type_of(use.wanted));
  }
  return types;
}

Result<Statement> bind(const Statement& statement, const std::vector<Value>& values) {
  const auto used = uses(statement.node(), nullptr);
  if (!used.ok()) return used.error();
  if (used.value().size() != values.size()) {
    return Error{ErrorCode::kInvalidArgument, "expected " + std::to_string(used.value().size()) +
                                                  " values for the parameters, found " +
                                                  std::to_string(values.size())};
  }
  if (values.empty()) return statement;
  std::vector<BoundParameter> bound;
  auto node = rewrite_parameters(
      statement.node(), nullptr, [&](const Expr& parameter, const Place& place) -> Result<ExprPtr> {
        const std::size_t number = number_of(parameter);
        bound.push_back({parameter.position, number});
        const Wanted wanted = decided(place, used.value()[number - 1]).wanted;
        auto value = value_expr(values[number - 1], wanted, parameter.position, number);
        if (!value.ok() || wanted != Wanted::kColumn) return value;
        return as_column(std::move(value).value());
      });
  if (!node.ok()) return std::move(node).error();
  node.value().bound = std::move(bound);
  return Statement(std::make_shared<const Statement::Node>(std::move(node).value()));
}

}  // namespace kpi::query
