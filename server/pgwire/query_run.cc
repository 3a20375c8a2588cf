#include "server/pgwire/query_run.h"

#include <algorithm>

#include "server/pgwire/sqlstate.h"

namespace kpi::server::pgwire {
namespace {

// PostgreSQL counts characters where kpi/result.h counts bytes.
std::size_t character_position(std::string_view text, std::size_t byte_position) {
  if (byte_position == 0) return 0;
  const std::string_view before = text.substr(0, byte_position - 1);
  const auto characters = std::count_if(before.begin(), before.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  return static_cast<std::size_t>(characters) + 1;
}

const char* interrupt_message(Interrupt::Reason reason) {
  switch (reason) {
    case Interrupt::Reason::kTimeout:
      return "canceling statement due to statement timeout";
    case Interrupt::Reason::kShutdown:
      return "canceling statement due to server shutdown";
    default:
      return "canceling statement due to user request";
  }
}

}  // namespace

QueryRun::QueryRun(const QueryEnvironment& environment, const SessionFacts& facts,
                   const Interrupt& interrupt, std::string text, TransactionStatus status)
    : environment_(environment),
      facts_(facts),
      interrupt_(interrupt),
      text_(std::move(text)),
      status_(status) {}

bool QueryRun::next(std::string& out) {
  if (!prepared_) {
    prepared_ = true;
    if (!prepare(out)) return false;
  }
  while (out.size() < kReplyPieceBytes) {
    if (table_) {
      append_rows(out);
      if (row_ == table_->rows.size()) finish_statement(out);
    } else if (step_ == steps_.size()) {
      return finish(out);
    } else if (!start_statement(out)) {
      return false;
    }
  }
  return true;
}

// Everything is parsed before anything runs: a mistake in the last statement undoes none.
bool QueryRun::prepare(std::string& out) {
  const Status prepared = prepare_each();
  if (!prepared.ok()) return fail(out, prepared.error());
  if (!steps_.empty()) return true;
  append_empty_query_response(out);
  return finish(out);
}

Status QueryRun::prepare_each() {
  const bool scanned = text_.size() <= kStatementBytesMax;
  std::vector<ScannedStatement> pieces =
      scanned ? scan_statements(text_) : std::vector<ScannedStatement>();
  std::vector<std::optional<Result<CatalogAnswer>>> answers;
  bool any_answer = false;
  for (const ScannedStatement& piece : pieces) {
    answers.push_back(catalog_answer(piece, facts_, environment_.store));
    any_answer = any_answer || answers.back().has_value();
  }
  if (!any_answer) {
    pieces.assign(1, ScannedStatement{0, text_, {}, {}});
    answers.assign(1, std::nullopt);
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (answers[i]) {
      if (!answers[i]->ok()) return std::move(*answers[i]).error();
      steps_.emplace_back(std::move(*answers[i]).value());
      continue;
    }
    // Blanks in front keep the places that errors name right, now and when it runs.
    Result<std::vector<query::Statement>> parsed =
        query::parse(std::string(pieces[i].offset, ' ').append(pieces[i].text));
    if (!parsed.ok()) return std::move(parsed).error();
    for (query::Statement& statement : parsed.value()) steps_.emplace_back(std::move(statement));
  }
  return ok_status();
}

bool QueryRun::start_statement(std::string& out) {
  Step& step = steps_[step_];
  if (auto* answer = std::get_if<CatalogAnswer>(&step)) {
    if (answer->effect == TransactionEffect::kBegin) status_ = TransactionStatus::kOpen;
    table_ = std::move(answer->table);
    if (answer->effect == TransactionEffect::kEnd) {
      // A client that commits after an error is told that it does not get what it asked for.
      if (status_ == TransactionStatus::kFailed) table_->command_tag = "ROLLBACK";
      status_ = TransactionStatus::kIdle;
    }
  } else {
    if (interrupt_.reason() != Interrupt::Reason::kNone) {
      return fail(out, {ErrorCode::kCanceled, "canceled"});
    }
    query::Options options = {environment_.now_ms(), environment_.rows_max, interrupt_.token()};
    options.may_change = facts_.is_admin;
    Result<query::Table> table =
        query::run(std::get<query::Statement>(step), environment_.store, options);
    if (!table.ok()) return fail(out, table.error());
    table_ = std::move(table).value();
  }
  row_ = 0;
  if (!table_->columns.empty()) append_row_description(out, table_->columns);
  return true;
}

void QueryRun::append_rows(std::string& out) {
  while (row_ < table_->rows.size() && out.size() < kReplyPieceBytes) {
    append_data_row(out, table_->columns, table_->rows[row_]);
    table_->rows[row_] = {};  // Memory shrinks as the answer leaves.
    ++row_;
    ++rows_sent_;
  }
}

void QueryRun::finish_statement(std::string& out) {
  for (const std::string& note : table_->notes) {
    append_diagnostic(out, {Severity::kNotice, kSuccessfulCompletion, note});
  }
  append_command_complete(out, table_->command_tag);
  table_.reset();
  ++step_;
}

bool QueryRun::finish(std::string& out) {
  append_ready_for_query(out, status_);
  return false;
}

bool QueryRun::fail(std::string& out, const Error& error) {
  const bool canceled = error.code == ErrorCode::kCanceled;
  const bool timeout = canceled && interrupt_.reason() == Interrupt::Reason::kTimeout;
  outcome_ = timeout    ? QueryOutcome::kTimeout
             : canceled ? QueryOutcome::kCanceled
                        : QueryOutcome::kError;
  append_diagnostic(out, {Severity::kError, sqlstate(error),
                          canceled ? interrupt_message(interrupt_.reason()) : error.message,
                          error.hint, character_position(text_, error.position)});
  if (status_ == TransactionStatus::kOpen) status_ = TransactionStatus::kFailed;
  return finish(out);
}

}  // namespace kpi::server::pgwire
