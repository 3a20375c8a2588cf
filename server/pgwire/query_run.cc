#include "server/pgwire/query_run.h"

namespace kpi::server::pgwire {

RunProgress QueryRun::next(std::string& out) {
  if (!prepared_) {
    prepared_ = true;
    // As PostgreSQL: a Query ends what has no name.
    context_.state.statements.erase("");
    context_.state.portals.erase("");
    if (!prepare(out)) return RunProgress::kDone;
  }
  while (out.size() < kReplyPieceBytes) {
    if (!execution_) {
      if (plan_ == plans_.size()) return finish(out);
      if (!start_statement(out)) return RunProgress::kDone;
    }
    const bool sets = std::holds_alternative<SessionCommand>(plans_[plan_].what);
    if (const auto progress = send(out)) return *progress;
    // What was set, the time of statements say, holds for the next one already.
    if (sets && plan_ < plans_.size()) break;
  }
  return RunProgress::kMore;
}

// Everything is parsed before anything runs: a mistake in the last statement undoes none.
bool QueryRun::prepare(std::string& out) {
  if (const auto failure = wrong_encoding(text_)) {
    fail(out, *failure);
    return false;
  }
  Result<std::vector<Plan>> plans =
      plan_statements(text_, context_.state.facts, context_.environment.store);
  if (!plans.ok()) {
    fail(out, plans.error());
    return false;
  }
  plans_ = std::move(plans).value();
  if (!plans_.empty()) return true;
  append_empty_query_response(out);
  finish(out);
  return false;
}

bool QueryRun::start_statement(std::string& out) {
  if (context_.state.transaction.failed() && !plans_[plan_].ends_failure()) {
    fail(out, failed_transaction());
    return false;
  }
  execution_.emplace(plans_[plan_], Formats());
  if (const auto failure = execution_->start(context_, out)) {
    fail(out, *failure);
    return false;
  }
  if (!execution_->columns().empty()) append_row_description(out, execution_->columns());
  return true;
}

// Nothing: the next statement is due.
std::optional<RunProgress> QueryRun::send(std::string& out) {
  std::size_t rows_left = kAllRows;
  const std::uint64_t rows_before = execution_->rows_sent();
  const auto sent = execution_->next(context_, out, rows_left);
  rows_sent_ += execution_->rows_sent() - rows_before;
  if (const auto* failure = std::get_if<Failure>(&sent)) return fail(out, *failure);
  switch (std::get<Execution::Progress>(sent)) {
    case Execution::Progress::kMore:
      return RunProgress::kMore;
    case Execution::Progress::kWaiting:
      return RunProgress::kWaiting;
    default:
      execution_.reset();
      ++plan_;
      return std::nullopt;
  }
}

RunProgress QueryRun::finish(std::string& out) {
  // Cursors end with their transaction, and outside of one a Query is one of its own.
  if (!context_.state.transaction.open()) context_.state.end_portals(true);
  append_ready_for_query(out, context_.state.transaction.status());
  return RunProgress::kDone;
}

RunProgress QueryRun::fail(std::string& out, const Failure& failure) {
  execution_.reset();
  report(out, failure, text_, context_.interrupt.reason(), context_.state);
  return finish(out);
}

}  // namespace kpi::server::pgwire
