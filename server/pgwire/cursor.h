// Cursors of statements: portals that DECLARE makes and FETCH and MOVE read.
#pragma once
#include <memory>
#include <optional>
#include <variant>

#include "server/pgwire/session_state.h"

namespace kpi::server::pgwire {

// The query runs at the first FETCH. 25P01: neither held nor in a transaction. 42P03, 54000 as
// add_portal().
std::optional<Failure> declare_cursor(const DeclarePlan& declare, SessionState& state,
                                      Store& store);

using CursorRef = std::shared_ptr<Portal>;
using CursorLookup = std::variant<CursorRef, Failure>;
// 34000: none of that name, or one whose rows cannot be fetched.
CursorLookup find_cursor(const FetchStatement& fetch, const SessionState& state);

// What of a cursor at row `position` (0: before the first) is passed over, then given.
struct FetchSteps {
  std::uint64_t skip = 0, give = 0;  // UINT64_MAX: all.
};
// 55000: behind it already.
std::variant<FetchSteps, Failure> fetch_steps(const FetchStatement& fetch, std::uint64_t position);

}  // namespace kpi::server::pgwire
