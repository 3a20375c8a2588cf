#include "server/pgwire/extended_run.h"

#include "server/pgwire/cursor.h"
#include "server/pgwire/parameter_value.h"
#include "server/pgwire/wire_types.h"

namespace kpi::server::pgwire {
namespace {

constexpr std::size_t kDeclaredParametersMax = kParametersMax;

Failure malformed(const Error& error) { return {error, kProtocolViolation}; }

Failure violation(std::string message) {
  return {{ErrorCode::kInvalidArgument, std::move(message)}, kProtocolViolation};
}

Failure unknown(const char* what, std::string_view name, std::string_view state) {
  const std::string named = name.empty() ? std::string("unnamed ") + what
                                         : std::string(what) + " \"" + std::string(name) + "\"";
  return {{ErrorCode::kInvalidArgument, named + " does not exist"}, state};
}

// Which of `count` fields are binary. Nothing: none, one for all, or one each was not kept to.
std::optional<Formats> formats_of(const std::vector<std::int16_t>& codes, std::size_t count) {
  if (codes.size() > 1 && codes.size() != count) return std::nullopt;
  for (const std::int16_t code : codes) {
    if (code != 0 && code != 1) return std::nullopt;
  }
  Formats formats(count, !codes.empty() && codes[0] == 1);
  for (std::size_t i = 0; codes.size() > 1 && i < count; ++i) formats[i] = codes[i] == 1;
  return formats;
}

Failure wrong_value(Error error, std::size_t index, bool binary) {
  error.message += " ($" + std::to_string(index + 1) + ")";
  if (error.code == ErrorCode::kUnsupported) return error;
  return {std::move(error), binary ? kInvalidBinary : kInvalidText};
}

struct BoundValues {
  std::vector<query::Value> values;
  std::size_t bytes = 0;
  std::optional<Failure> failure = {};
};

BoundValues bound_values(const BindMessage& message, const Prepared& statement,
                         const Formats& formats) {
  BoundValues bound;
  for (std::size_t i = 0; i < statement.parameters_used; ++i) {
    if (!message.parameters[i]) {
      bound.values.emplace_back();
      continue;
    }
    const std::string_view bytes = *message.parameters[i];
    Result<query::Value> value = parameter_value(statement.parameter_oids[i], formats[i], bytes);
    if (!value.ok()) {
      bound.failure = wrong_value(std::move(value).error(), i, formats[i]);
      return bound;
    }
    bound.values.push_back(std::move(value).value());
    bound.bytes += bytes.size() + sizeof(query::Value);
  }
  return bound;
}

template <class Message, class Decode, class Act>
std::optional<Failure> decoded(std::string_view body, Decode decode, Act act) {
  const Result<Message> message = decode(body);
  if (!message.ok()) return malformed(message.error());
  return act(message.value());
}

}  // namespace

RunProgress ExtendedRun::next(std::string& out) {
  Outcome failure = portal_ ? std::nullopt : answer(out);
  if (!failure && portal_) {
    const auto sent = send(out);
    if (const auto* progress = std::get_if<Execution::Progress>(&sent)) {
      if (*progress == Execution::Progress::kMore) return RunProgress::kMore;
      if (*progress == Execution::Progress::kWaiting) return RunProgress::kWaiting;
      if (*progress == Execution::Progress::kSuspended) {
        append_signal(out, Signal::kPortalSuspended);
      }
      return RunProgress::kDone;
    }
    failure = std::get<Failure>(sent);
  }
  if (failure) {
    failed_ = true;
    report(out, *failure, text_, context_.interrupt.reason(), context_.state);
  }
  return RunProgress::kDone;
}

ExtendedRun::Outcome ExtendedRun::answer(std::string& out) {
  switch (type_) {
    case 'P':
      return decoded<ParseMessage>(body_, decode_parse,
                                   [&](const ParseMessage& m) { return parse(m, out); });
    case 'B':
      return decoded<BindMessage>(body_, decode_bind,
                                  [&](const BindMessage& m) { return bind(m, out); });
    case 'D':
      return decoded<TargetMessage>(body_, decode_target,
                                    [&](const TargetMessage& m) { return describe(m, out); });
    case 'C':
      return decoded<TargetMessage>(body_, decode_target,
                                    [&](const TargetMessage& m) { return close(m, out); });
    default:
      return decoded<ExecuteMessage>(body_, decode_execute,
                                     [&](const ExecuteMessage& m) { return execute(m, out); });
  }
}

ExtendedRun::Outcome ExtendedRun::barred(const Plan& plan) const {
  if (!context_.state.transaction.failed() || plan.ends_failure()) return std::nullopt;
  return failed_transaction();
}

ExtendedRun::Outcome ExtendedRun::parse(const ParseMessage& message, std::string& out) {
  text_ = message.text;
  if (Outcome failure = wrong_encoding(message.text)) return failure;
  Store& store_of_events = context_.environment.store;
  const SessionFacts& facts = context_.state.facts;
  if (message.statement.empty()) context_.state.statements.erase("");
  if (context_.state.statements.find(message.statement)) {
    return Failure({ErrorCode::kInvalidArgument,
                    "prepared statement \"" + std::string(message.statement) + "\" already exists"},
                   kDuplicateStatement);
  }
  Result<std::vector<Plan>> plans = plan_statements(message.text, facts, store_of_events);
  if (!plans.ok()) return Failure(plans.error());
  if (plans.value().size() > 1) {
    return Failure(
        {ErrorCode::kInvalidArgument, "cannot insert multiple commands into a prepared statement"},
        kSyntaxError);
  }
  auto prepared = std::make_shared<Prepared>();
  prepared->text = message.text;
  if (!plans.value().empty()) prepared->plan = std::move(plans.value()[0]);
  if (Outcome failure = barred(prepared->plan)) return failure;
  Result<std::vector<query::Type>> inferred = plan_parameters(prepared->plan, store_of_events);
  if (!inferred.ok()) return Failure(inferred.error());
  Result<std::vector<query::Column>> columns = plan_columns(prepared->plan, facts, store_of_events);
  if (!columns.ok()) return Failure(columns.error());
  prepared->columns = std::move(columns).value();
  if (const auto* fetch = std::get_if<FetchStatement>(&prepared->plan.what)) {
    const CursorLookup cursor = find_cursor(*fetch, context_.state);
    if (const auto* failure = std::get_if<Failure>(&cursor)) return *failure;
    if (!fetch->moves) prepared->columns = std::get<CursorRef>(cursor)->statement->columns;
  }
  prepared->parameters_used = inferred.value().size();
  for (const query::Type type : inferred.value()) {
    prepared->parameter_oids.push_back(parameter_oid(type));
  }
  if (message.parameter_oids.size() > kDeclaredParametersMax) {
    return Failure({ErrorCode::kLimitExceeded,
                    "too many parameters; at most " + std::to_string(kDeclaredParametersMax)});
  }
  for (std::size_t i = 0; i < message.parameter_oids.size(); ++i) {
    if (i == prepared->parameter_oids.size()) prepared->parameter_oids.push_back(oid::kText);
    if (message.parameter_oids[i] == oid::kUnspecified) continue;
    if (message.parameter_oids[i] != oid::kUnknown) {
      prepared->parameter_oids[i] = message.parameter_oids[i];
    }
  }
  if (Outcome failure = store(message.statement, std::move(prepared))) return failure;
  append_signal(out, Signal::kParseComplete);
  return std::nullopt;
}

ExtendedRun::Outcome ExtendedRun::store(std::string_view name,
                                        std::shared_ptr<const Prepared> prepared) {
  auto& statements = context_.state.statements;
  const std::size_t bytes = prepared->text.size() + name.size();
  if (statements.size() >= kPreparedStatementsMax ||
      statements.bytes() + bytes > kPreparedTextBytesMax) {
    return Failure({ErrorCode::kLimitExceeded,
                    "too many prepared statements; at most " +
                        std::to_string(kPreparedStatementsMax) + " of " +
                        std::to_string(kPreparedTextBytesMax) + " bytes of text in a session",
                    "close those that are not needed any more: DEALLOCATE"});
  }
  statements.put(name, std::move(prepared), bytes);
  return std::nullopt;
}

ExtendedRun::Outcome ExtendedRun::bind(const BindMessage& message, std::string& out) {
  const auto statement = context_.state.statements.find(message.statement);
  if (!statement) return unknown("prepared statement", message.statement, kUndefinedStatement);
  text_ = statement->text;
  if (Outcome failure = barred(statement->plan)) return failure;
  if (message.portal.empty()) context_.state.portals.erase("");
  const std::size_t expected = statement->parameter_oids.size();
  if (message.parameters.size() != expected) {
    return violation("bind message supplies " + std::to_string(message.parameters.size()) +
                     " parameters, but the prepared statement requires " +
                     std::to_string(expected));
  }
  const auto formats = formats_of(message.parameter_formats, expected);
  const auto result_formats = formats_of(message.result_formats, statement->columns.size());
  if (!formats) return violation("bind message has wrong parameter formats");
  // As PostgreSQL: what has no rows takes any formats.
  if (!result_formats && !statement->columns.empty()) {
    return violation("bind message has wrong result formats: expected one each for " +
                     std::to_string(statement->columns.size()) + " columns");
  }
  BoundValues bound = bound_values(message, *statement, *formats);
  if (bound.failure) return bound.failure;
  Result<Plan> plan = bind_plan(statement->plan, bound.values);
  if (!plan.ok()) return Failure(plan.error());
  const Formats row_formats = result_formats.value_or(Formats());
  auto portal = std::make_shared<Portal>(
      Portal{statement, row_formats, Execution(std::move(plan).value(), row_formats)});
  const std::size_t bytes = bound.bytes + message.portal.size();
  if (Outcome failure = context_.state.add_portal(message.portal, std::move(portal), bytes)) {
    return failure;
  }
  append_signal(out, Signal::kBindComplete);
  return std::nullopt;
}

ExtendedRun::Outcome ExtendedRun::describe(const TargetMessage& message, std::string& out) {
  std::shared_ptr<const Prepared> statement;
  Formats formats;
  if (message.is_portal) {
    const auto portal = context_.state.portals.find(message.name);
    if (!portal) return unknown("portal", message.name, kUndefinedCursor);
    statement = portal->statement;
    formats = portal->formats;
  } else {
    statement = context_.state.statements.find(message.name);
    if (!statement) return unknown("prepared statement", message.name, kUndefinedStatement);
  }
  if (!statement->columns.empty()) {
    if (Outcome failure = barred(statement->plan)) return failure;
  }
  if (!message.is_portal) append_parameter_description(out, statement->parameter_oids);
  if (statement->columns.empty()) {
    append_signal(out, Signal::kNoData);
  } else {
    append_row_description(out, statement->columns, formats);
  }
  return std::nullopt;
}

ExtendedRun::Outcome ExtendedRun::close(const TargetMessage& message, std::string& out) {
  if (message.is_portal) {
    context_.state.portals.erase(message.name);
  } else {
    context_.state.statements.erase(message.name);
  }
  append_signal(out, Signal::kCloseComplete);
  return std::nullopt;
}

ExtendedRun::Outcome ExtendedRun::execute(const ExecuteMessage& message, std::string& out) {
  const auto portal = context_.state.portals.find(message.portal);
  if (!portal) return unknown("portal", message.portal, kUndefinedCursor);
  text_ = portal->statement->text;
  if (Outcome failure = barred(portal->statement->plan)) return failure;
  rows_left_ = message.rows_max == 0 ? kAllRows : message.rows_max;
  if (!portal->execution.started()) {
    if (Outcome failure = portal->execution.start(context_, out)) return failure;
  }
  portal_ = portal;  // Also where what runs ends all portals.
  return std::nullopt;
}

std::variant<Execution::Progress, Failure> ExtendedRun::send(std::string& out) {
  const std::uint64_t rows_before = portal_->execution.rows_sent();
  auto sent = portal_->execution.next(context_, out, rows_left_);
  rows_sent_ += portal_->execution.rows_sent() - rows_before;
  return sent;
}

}  // namespace kpi::server::pgwire
