#include "server/pgwire/execution.h"

#include <algorithm>

#include "kpi/assert.h"
#include "server/pgwire/session_state.h"

namespace kpi::server::pgwire {
namespace {

using Progress = Execution::Progress;

std::size_t bytes_of(const query::Table& table, std::size_t from) {
  std::size_t bytes = 0;
  for (std::size_t r = from; r < table.rows.size(); ++r) {
    bytes += table.rows[r].capacity() * sizeof(query::Value);
    for (const query::Value& value : table.rows[r]) {
      if (const auto* text = std::get_if<std::string>(&value)) bytes += text->capacity();
    }
  }
  return bytes;
}

}  // namespace

std::optional<Failure> Execution::start(const ExecutionContext& context, std::string& out) {
  KPI_ASSERT(!started_);
  started_ = true;
  if (context.interrupt.reason() != Interrupt::Reason::kNone) {
    return Failure({ErrorCode::kCanceled, "canceled"});
  }
  if (const auto* command = std::get_if<SessionCommand>(&plan_.what)) {
    return run_command(*command, context.state, out, tag_);
  }
  if (std::holds_alternative<EmptyPlan>(plan_.what)) return std::nullopt;
  if (auto failure = start_query(context)) return failure;
  if (plan_.copy) return start_copy(out);
  if (!formats_.empty() && formats_.size() != columns_.size()) {
    return Failure({ErrorCode::kUnsupported, "cached plan must not change result type",
                    "prepare the statement again: its columns are others by now"});
  }
  return std::nullopt;
}

std::optional<Failure> Execution::start_query(const ExecutionContext& context) {
  const QueryEnvironment& environment = context.environment;
  if (const auto* question = std::get_if<CatalogPlan>(&plan_.what)) {
    auto answer = catalog_answer(question->folded, context.state.facts, environment.store);
    KPI_ASSERT(answer);
    if (!answer->ok()) return Failure(answer->error());
    table_ = std::move(*answer).value();
  } else {
    const auto& statement = std::get<query::Statement>(plan_.what);
    if (query::follows(statement)) return start_follow(context, statement);
    query::Options options = {environment.now_ms(), environment.rows_max,
                              context.interrupt.token()};
    options.may_change = context.state.facts.is_admin;
    Result<query::Table> table = query::run(statement, environment.store, options);
    if (!table.ok()) return Failure(table.error());
    table_ = std::move(table).value();
  }
  columns_ = table_->columns;
  tag_ = table_->command_tag;
  return std::nullopt;
}

std::optional<Failure> Execution::start_follow(const ExecutionContext& context,
                                               const query::Statement& statement) {
  const QueryEnvironment& environment = context.environment;
  follow_lease_ = Lease::take(environment.follows, 1, environment.follows_max);
  if (!follow_lease_) {
    return Failure({ErrorCode::kLimitExceeded, "too many statements follow already; at most " +
                                                   std::to_string(environment.follows_max)});
  }
  query::Options options = {environment.now_ms(), environment.rows_max, context.interrupt.token()};
  Result<std::unique_ptr<query::RowFeed>> feed =
      query::follow(statement, environment.store, options, context.wake);
  if (!feed.ok()) return Failure(feed.error());
  feed_ = std::move(feed).value();
  columns_ = feed_->columns();
  tag_ = "FOLLOW";
  return std::nullopt;
}

std::optional<Failure> Execution::start_copy(std::string& out) {
  Result<CopyRows> copy = CopyRows::of(*plan_.copy, columns_);
  if (!copy.ok()) return Failure(copy.error());
  copy_ = std::move(copy).value();
  append_copy_out_response(out, columns_.size());
  columns_.clear();
  if (copy_->options().header) append_copy_data(out, copy_->header());
  return std::nullopt;
}

std::variant<Progress, Failure> Execution::next(const ExecutionContext& context, std::string& out,
                                                std::size_t& rows_left) {
  if (context.interrupt.reason() == Interrupt::Reason::kUser ||
      (feed_ && context.interrupt.reason() != Interrupt::Reason::kNone)) {
    return Failure({ErrorCode::kCanceled, "canceled"});
  }
  if (std::holds_alternative<EmptyPlan>(plan_.what)) {
    append_empty_query_response(out);
    return Progress::kDone;
  }
  if (finished_ && columns_.empty()) {
    return Failure({ErrorCode::kInvalidArgument, "the portal has run and cannot be run again"},
                   kPortalNotRunnable);
  }
  suspended_lease_.reset();
  if (feed_) return next_of_feed(context, out, rows_left);
  if (table_) return next_of_table(context, out, rows_left);
  return finish(out);
}

std::variant<Progress, Failure> Execution::next_of_table(const ExecutionContext& context,
                                                         std::string& out, std::size_t& rows_left) {
  const bool all = copy_ || rows_left == kAllRows;
  auto& rows = table_->rows;
  while (row_ < rows.size() && out.size() < kReplyPieceBytes && (all || rows_left > 0)) {
    append_row(out, rows[row_]);
    rows[row_++] = {};  // Memory shrinks as the answer leaves.
    if (!all) --rows_left;
  }
  if (!all && rows_left == 0) return suspend(context);
  return row_ < rows.size() ? Progress::kMore : finish(out);
}

std::variant<Progress, Failure> Execution::next_of_feed(const ExecutionContext& context,
                                                        std::string& out, std::size_t& rows_left) {
  while (out.size() < kReplyPieceBytes) {
    if (rows_left == 0) return suspend(context);
    std::vector<std::vector<query::Value>> rows;
    const Result<std::size_t> taken = feed_->take(std::min(kFollowRowsAtATime, rows_left), rows);
    if (!taken.ok()) return Failure(taken.error());
    if (rows.empty()) return Progress::kWaiting;
    for (const auto& row : rows) append_row(out, row);
    if (rows_left != kAllRows) rows_left -= rows.size();
  }
  return Progress::kMore;
}

void Execution::append_row(std::string& out, const std::vector<query::Value>& row) {
  if (copy_) {
    append_copy_data(out, copy_->line(row));
  } else {
    append_data_row(out, columns_, row, formats_);
  }
  ++sent_this_time_;
  ++rows_sent_;
}

// What a follow holds back is bounded by the store.
std::variant<Progress, Failure> Execution::suspend(const ExecutionContext& context) {
  suspended_ = true;
  sent_this_time_ = 0;
  if (table_) {
    suspended_lease_ = Lease::take(context.environment.suspended_bytes, bytes_of(*table_, row_),
                                   kSuspendedBytesMax);
    if (!suspended_lease_) {
      table_.reset();
      return Failure({ErrorCode::kLimitExceeded,
                      "too much is held back in suspended portals; at most " +
                          std::to_string(kSuspendedBytesMax) + " bytes of all sessions",
                      "fetch more rows at a time, or all of them"});
    }
  }
  return Progress::kSuspended;
}

Progress Execution::finish(std::string& out) {
  constexpr std::string_view kSelect = "SELECT ";
  if (table_) {
    for (const std::string& note : table_->notes) {
      append_diagnostic(out, {Severity::kNotice, kSuccessfulCompletion, note});
    }
    table_.reset();
  }
  if (copy_) {
    append_signal(out, Signal::kCopyDone);
    tag_ = "COPY " + std::to_string(rows_sent_);
  } else if ((suspended_ || finished_) && tag_.compare(0, kSelect.size(), kSelect) == 0) {
    tag_ = std::string(kSelect) + std::to_string(sent_this_time_);
  }
  append_command_complete(out, tag_);
  sent_this_time_ = 0;
  finished_ = true;
  return Progress::kDone;
}

}  // namespace kpi::server::pgwire
