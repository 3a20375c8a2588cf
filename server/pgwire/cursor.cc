#include "server/pgwire/cursor.h"

namespace kpi::server::pgwire {

std::optional<Failure> declare_cursor(const DeclarePlan& declare, SessionState& state,
                                      Store& store) {
  if (!declare.hold && !state.transaction.open()) {
    return Failure(
        {ErrorCode::kInvalidArgument, "DECLARE CURSOR can only be used in transaction blocks",
         "BEGIN first, or DECLARE name CURSOR WITH HOLD FOR ..."},
        kNoActiveTransaction);
  }
  Result<std::vector<query::Column>> columns = plan_columns(*declare.query, state.facts, store);
  if (!columns.ok()) return Failure(columns.error());
  if (columns.value().empty()) {
    return Failure({ErrorCode::kInvalidArgument, "DECLARE expects a query that has rows"},
                   kSyntaxError);
  }
  auto prepared = std::make_shared<Prepared>();
  prepared->plan = *declare.query;
  prepared->columns = std::move(columns).value();
  auto portal =
      std::make_shared<Portal>(Portal{std::move(prepared), {}, Execution(*declare.query, {})});
  if (declare.hold) {
    portal->life = state.transaction.open() ? Portal::Life::kHeld : Portal::Life::kSession;
  }
  return state.add_portal(declare.cursor, std::move(portal), declare.cursor.size());
}

CursorLookup find_cursor(const FetchStatement& fetch, const SessionState& state) {
  CursorRef cursor = state.portals.find(fetch.cursor);
  if (!cursor || !cursor->execution.may_be_fetched()) {
    return Failure({ErrorCode::kInvalidArgument, "cursor \"" + fetch.cursor + "\" does not exist"},
                   kUndefinedCursor);
  }
  return cursor;
}

std::variant<FetchSteps, Failure> fetch_steps(const FetchStatement& fetch, std::uint64_t position) {
  using From = FetchStatement::From;
  if (fetch.from == From::kHere) {
    return fetch.moves ? FetchSteps{fetch.rows, 0} : FetchSteps{0, fetch.rows};
  }
  const std::uint64_t begin = fetch.from == From::kAbsolute ? 0 : position;
  // Checked by read_fetch(): a place is less than 2^63, as a position is.
  const std::uint64_t place = begin + fetch.place;
  if (fetch.moves && place >= position) return FetchSteps{place - position, 0};
  if (!fetch.moves && place > position) return FetchSteps{place - position - 1, 1};
  return Failure({ErrorCode::kInvalidArgument, "cursor can only scan forward",
                  "keep the rows that are needed again, or declare the cursor anew"},
                 kPortalNotRunnable);
}

}  // namespace kpi::server::pgwire
