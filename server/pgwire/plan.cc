#include "server/pgwire/plan.h"

#include <algorithm>
#include <charconv>

#include "server/pgwire/time_groups.h"

namespace kpi::server::pgwire {
namespace {

// Calls visit(begin, end, n) for every $n of folded text outside of quotes.
template <class Visit>
void each_parameter(std::string_view folded, Visit visit) {
  for (std::size_t i = 0; i < folded.size(); ++i) {
    if (folded[i] == '\'' || folded[i] == '"') {
      const std::size_t end = folded.find(folded[i], i + 1);
      if (end == std::string_view::npos) return;
      i = end;
    } else if (folded[i] == '$') {
      std::size_t number = 0;
      const char* const end = folded.data() + folded.size();
      const auto parsed = std::from_chars(folded.data() + i + 1, end, number);
      if (parsed.ec != std::errc() || number == 0) continue;
      const auto behind = static_cast<std::size_t>(parsed.ptr - folded.data());
      visit(i, behind, number);
      i = behind - 1;
    }
  }
}

std::string literal(const query::Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return "null";
  const auto* text = std::get_if<std::string>(&value);
  const auto* whole = std::get_if<std::int64_t>(&value);
  if (whole) return std::to_string(*whole);
  std::string quoted = "'";
  for (const char c :
       text ? *text
            : query::to_text(value, std::holds_alternative<bool>(value) ? query::Type::kBool
                                                                        : query::Type::kFloat8)) {
    quoted += c;
    if (c == '\'') quoted += c;
  }
  return quoted += '\'';
}

Result<std::string> filled_in(const std::string& folded, const std::vector<query::Value>& values) {
  std::string filled;
  std::size_t copied = 0;
  bool missing = false;
  each_parameter(folded, [&](std::size_t begin, std::size_t end, std::size_t number) {
    filled += folded.substr(copied, begin - copied);
    copied = end;
    if (number > values.size()) {
      missing = true;
    } else {
      filled += literal(values[number - 1]);
    }
  });
  if (missing) return Error{ErrorCode::kInvalidArgument, "a parameter has no value"};
  return filled += folded.substr(copied);
}

Result<std::vector<Plan>> parsed_plans(std::string text) {
  write_time_groups(text);
  Result<std::vector<query::Statement>> parsed = query::parse(text);
  if (!parsed.ok()) return std::move(parsed).error();
  std::vector<Plan> plans;
  for (query::Statement& statement : parsed.value()) plans.push_back({std::move(statement)});
  return plans;
}

// Blanks in front keep the places that errors name right, now and when it runs.
std::string in_place(std::string_view text, std::size_t offset) {
  return std::string(offset, ' ').append(text);
}

// What the server answers itself; nothing: it is the query language's.
std::optional<Result<Plan>> own_plan(const ScannedStatement& piece, const SessionFacts& facts,
                                     Store& store) {
  if (auto command = session_command(piece)) return Plan{*std::move(command)};
  const auto answer = catalog_answer(piece.folded, facts, store);
  if (!answer) return std::nullopt;
  if (!answer->ok()) return answer->error();
  return Plan{CatalogPlan{piece.folded}};
}

// The one query that another statement, `outer`, stands around.
Result<Plan> inner_plan(std::string_view query, std::size_t offset, std::string_view outer,
                        const SessionFacts& facts, Store& store) {
  std::vector<Plan> plans;
  const auto pieces = scan_statements(query);
  std::optional<Result<Plan>> own;
  if (pieces.size() == 1) own = own_plan(pieces[0], facts, store);
  if (own) {
    if (!own->ok()) return *std::move(own);
    plans.push_back(std::move(*own).value());
  } else {
    Result<std::vector<Plan>> parsed = parsed_plans(in_place(query, offset));
    if (!parsed.ok()) return std::move(parsed).error();
    plans = std::move(parsed).value();
  }
  if (plans.size() != 1 || std::holds_alternative<SessionCommand>(plans[0].what)) {
    return Error{
        ErrorCode::kInvalidArgument, std::string(outer) + " expects one query",
        outer == "COPY" ? "COPY (SELECT ...) TO STDOUT" : "DECLARE name CURSOR FOR SELECT ...",
        offset};
  }
  const auto* statement = std::get_if<query::Statement>(&plans[0].what);
  if (statement && query::follows(*statement)) {
    return Error{ErrorCode::kUnsupported, std::string(outer) + " of FOLLOW is not supported",
                 "send FOLLOW as a statement of its own", offset + 1};
  }
  return std::move(plans[0]);
}

Result<Plan> copied_plan(const CopyStatement& copy, std::size_t offset, const SessionFacts& facts,
                         Store& store) {
  Result<Plan> plan = inner_plan(copy.query, offset + copy.query_offset, "COPY", facts, store);
  if (plan.ok()) plan.value().copy = copy.options;
  return plan;
}

Result<Plan> declared_plan(const DeclareStatement& declare, std::size_t offset,
                           const SessionFacts& facts, Store& store) {
  Result<Plan> query =
      inner_plan(declare.query, offset + declare.query_offset, "DECLARE", facts, store);
  if (!query.ok()) return query;
  return Plan{DeclarePlan{declare.cursor, declare.hold,
                          std::make_shared<const Plan>(std::move(query).value())}};
}

Error at_its_begin(Error error, const ScannedStatement& piece) {
  if (error.position == 0) error.position = piece.offset + unfolded_offset(piece.text, 0) + 1;
  return error;
}

// Nothing: not a statement that the server itself knows.
std::optional<Result<Plan>> known_plan(const ScannedStatement& piece, const SessionFacts& facts,
                                       Store& store) {
  if (const auto copy = read_copy(piece)) {
    if (!copy->ok()) return copy->error();
    return copied_plan(copy->value(), piece.offset, facts, store);
  }
  if (const auto declare = read_declare(piece)) {
    if (!declare->ok()) return at_its_begin(declare->error(), piece);
    return declared_plan(declare->value(), piece.offset, facts, store);
  }
  if (const auto fetch = read_fetch(piece)) {
    if (!fetch->ok()) return at_its_begin(fetch->error(), piece);
    return Plan{fetch->value()};
  }
  return own_plan(piece, facts, store);
}

}  // namespace

bool Plan::ends_failure() const {
  const auto* command = std::get_if<SessionCommand>(&what);
  return command && command->ends_failure();
}

Result<std::vector<Plan>> plan_statements(std::string_view text, const SessionFacts& facts,
                                          Store& store) {
  if (text.size() > kStatementBytesMax) return parsed_plans(std::string(text));
  const std::vector<ScannedStatement> pieces = scan_statements(text);
  std::vector<std::optional<Result<Plan>>> known;
  bool any = false;
  for (const ScannedStatement& piece : pieces) {
    known.push_back(known_plan(piece, facts, store));
    any = any || known.back().has_value();
  }
  if (!any) return parsed_plans(std::string(text));
  std::vector<Plan> plans;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (known[i]) {
      if (!known[i]->ok()) return known[i]->error();
      plans.push_back(std::move(*known[i]).value());
      continue;
    }
    Result<std::vector<Plan>> parsed = parsed_plans(in_place(pieces[i].text, pieces[i].offset));
    if (!parsed.ok()) return parsed;
    for (Plan& plan : parsed.value()) plans.push_back(std::move(plan));
  }
  return plans;
}

Result<std::vector<query::Type>> plan_parameters(const Plan& plan, const Store& store) {
  if (const auto* statement = std::get_if<query::Statement>(&plan.what)) {
    return query::parameter_types(*statement, store);
  }
  if (const auto* declare = std::get_if<DeclarePlan>(&plan.what)) {
    return plan_parameters(*declare->query, store);
  }
  std::size_t count = 0;
  if (const auto* question = std::get_if<CatalogPlan>(&plan.what)) {
    each_parameter(question->folded, [&](std::size_t, std::size_t, std::size_t number) {
      count = std::max(count, number);
    });
  }
  if (count > kParametersMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "too many parameters; at most " + std::to_string(kParametersMax)};
  }
  return std::vector<query::Type>(count, query::Type::kText);
}

Result<std::vector<query::Column>> plan_columns(const Plan& plan, const SessionFacts& facts,
                                                Store& store) {
  if (plan.copy) return std::vector<query::Column>();
  if (const auto* statement = std::get_if<query::Statement>(&plan.what)) {
    return query::describe(*statement, store);
  }
  if (const auto* question = std::get_if<CatalogPlan>(&plan.what)) {
    const auto answer = catalog_answer(question->folded, facts, store);
    if (answer && !answer->ok()) return answer->error();
    if (answer) return answer->value().columns;
  }
  return std::vector<query::Column>();
}

Result<Plan> bind_plan(const Plan& plan, const std::vector<query::Value>& values) {
  Plan bound = plan;
  if (const auto* statement = std::get_if<query::Statement>(&plan.what)) {
    Result<query::Statement> written = query::bind(*statement, values);
    if (!written.ok()) return std::move(written).error();
    bound.what = std::move(written).value();
  } else if (const auto* question = std::get_if<CatalogPlan>(&plan.what)) {
    Result<std::string> filled = filled_in(question->folded, values);
    if (!filled.ok()) return std::move(filled).error();
    bound.what = CatalogPlan{std::move(filled).value()};
  } else if (const auto* declare = std::get_if<DeclarePlan>(&plan.what)) {
    Result<Plan> query = bind_plan(*declare->query, values);
    if (!query.ok()) return query;
    bound.what = DeclarePlan{declare->cursor, declare->hold,
                             std::make_shared<const Plan>(std::move(query).value())};
  }
  return bound;
}

}  // namespace kpi::server::pgwire
