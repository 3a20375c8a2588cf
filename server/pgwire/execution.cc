#include "server/pgwire/execution.h"

#include <algorithm>

#include "kpi/assert.h"
#include "server/pgwire/cursor.h"
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
  if (const auto* declare = std::get_if<DeclarePlan>(&plan_.what)) {
    tag_ = "DECLARE CURSOR";
    return declare_cursor(*declare, context.state, context.environment.store);
  }
  const bool fetches = std::holds_alternative<FetchStatement>(plan_.what);
  if (auto failure = fetches ? start_fetch(context, out) : start_query(context)) return failure;
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
    if (!options.may_change) options.min_group_size = environment.min_group_size_reader;
    options.aliases = environment.aliases;
    Result<query::Table> table = query::run(statement, environment.store, options);
    if (!table.ok()) return Failure(table.error());
    table_ = std::move(table).value();
  }
  columns_ = table_->columns;
  tag_ = table_->command_tag;
  held_lease_ = Lease::take(environment.held_bytes, bytes_of(*table_, 0), kHeldBytesMax);
  if (held_lease_) return std::nullopt;
  table_.reset();
  return Failure({ErrorCode::kUnavailable,
                  "results that other clients have not taken yet fill the memory for results",
                  "try again later, or ask for fewer rows"});
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
  if (!context.state.facts.is_admin) options.min_group_size = environment.min_group_size_reader;
  options.aliases = environment.aliases;
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

// What runs here was sent with another message, so no place in this one is wrong.
std::optional<Failure> Execution::start_fetch(const ExecutionContext& context, std::string& out) {
  const auto& fetch = std::get<FetchStatement>(plan_.what);
  const CursorLookup found = find_cursor(fetch, context.state);
  if (const auto* failure = std::get_if<Failure>(&found)) return *failure;
  cursor_ = std::get<CursorRef>(found);
  Execution& execution = cursor_->execution;
  if (!execution.started()) {
    if (auto failure = execution.start(context, out)) {
      failure->error.position = 0;
      return failure;
    }
  }
  const auto steps = fetch_steps(fetch, execution.position());
  if (const auto* failure = std::get_if<Failure>(&steps)) return *failure;
  skip_left_ = std::get<FetchSteps>(steps).skip;
  give_left_ = std::get<FetchSteps>(steps).give;
  if (!fetch.moves) columns_ = execution.columns();
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
  if (cursor_) return next_of_cursor(context, out, rows_left);
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

bool Execution::may_be_fetched() const {
  const bool asks = std::holds_alternative<CatalogPlan>(plan_.what) ||
                    std::holds_alternative<query::Statement>(plan_.what);
  const auto* statement = std::get_if<query::Statement>(&plan_.what);
  return asks && !plan_.copy && !(statement && query::follows(*statement));
}

std::variant<Progress, Failure> Execution::fetch(const ExecutionContext& context, std::string& out,
                                                 std::uint64_t& rows_left, const Formats* formats) {
  suspended_lease_.reset();
  if (!table_) return Progress::kDone;
  auto& rows = table_->rows;
  while (row_ < rows.size() && out.size() < kReplyPieceBytes && rows_left > 0) {
    if (formats) append_data_row(out, columns_, rows[row_], *formats);
    rows[row_++] = {};
    if (rows_left != UINT64_MAX) --rows_left;
  }
  if (row_ < rows.size()) return rows_left == 0 ? suspend(context) : Progress::kMore;
  append_notes(out);
  return Progress::kDone;
}

std::variant<Progress, Failure> Execution::next_of_cursor(const ExecutionContext& context,
                                                          std::string& out,
                                                          std::size_t& rows_left) {
  Execution& rows = cursor_->execution;
  const auto& fetch = std::get<FetchStatement>(plan_.what);
  while (skip_left_ > 0) {
    const std::uint64_t before = rows.position();
    const auto passed = rows.fetch(context, out, skip_left_, nullptr);
    if (std::holds_alternative<Failure>(passed)) return passed;
    passed_ += rows.position() - before;
    if (std::get<Progress>(passed) == Progress::kMore) return passed;
    if (std::get<Progress>(passed) == Progress::kDone) break;
  }
  if (skip_left_ == 0 && give_left_ > 0) {
    const std::uint64_t limit = rows_left == kAllRows ? UINT64_MAX : rows_left;
    std::uint64_t left = std::min(give_left_, limit);
    const std::uint64_t before = rows.position();
    const auto given = rows.fetch(context, out, left, &formats_);
    if (std::holds_alternative<Failure>(given)) return given;
    const std::uint64_t count = rows.position() - before;
    if (give_left_ != UINT64_MAX) give_left_ -= count;
    if (rows_left != kAllRows) rows_left -= count;
    rows_sent_ += count;
    if (std::get<Progress>(given) == Progress::kMore) return given;
    if (std::get<Progress>(given) == Progress::kSuspended && give_left_ > 0) return given;
  }
  skip_left_ = give_left_ = 0;
  tag_ = fetch.moves ? "MOVE " + std::to_string(passed_) : "FETCH " + std::to_string(rows_sent_);
  return finish(out);
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
      held_lease_.reset();
      return Failure({ErrorCode::kLimitExceeded,
                      "too much is held back in suspended portals; at most " +
                          std::to_string(kSuspendedBytesMax) + " bytes of all sessions",
                      "fetch more rows at a time, or all of them"});
    }
  }
  return Progress::kSuspended;
}

void Execution::append_notes(std::string& out) {
  if (!table_) return;
  for (const std::string& note : table_->notes) {
    append_diagnostic(out, {Severity::kNotice, kSuccessfulCompletion, note});
  }
  table_.reset();
  held_lease_.reset();
}

Progress Execution::finish(std::string& out) {
  constexpr std::string_view kSelect = "SELECT ";
  append_notes(out);
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
