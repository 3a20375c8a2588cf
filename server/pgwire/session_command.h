// Statements about the session itself, that change no data: SET, transactions, savepoints, DISCARD,
// DEALLOCATE, CLOSE. One table of rules.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/pgwire/sqlstate.h"
#include "server/pgwire/statement_scan.h"

namespace kpi::server::pgwire {

struct SessionState;

enum class CommandEffect : std::uint8_t {
  kNone,
  kSet,
  kReset,
  kBegin,
  kCommit,
  kRollback,
  kSavepoint,
  kRollbackTo,
  kRelease,
  kDiscard,
  kDeallocate,
  kCloseCursor,
};

struct SessionCommand {
  CommandEffect effect = CommandEffect::kNone;
  std::string_view tag;  // Lives forever.
  std::string argument;  // What follows the command's words, folded.
  // Allowed in a failed transaction: it ends the failure.
  bool ends_failure() const {
    return effect == CommandEffect::kCommit || effect == CommandEffect::kRollback ||
           effect == CommandEffect::kRollbackTo;
  }
};

// Nothing: another kind of statement.
std::optional<SessionCommand> session_command(const ScannedStatement& statement);

// Appends notices and parameter statuses to `out`, and sets the command tag. Nothing: it went well.
std::optional<Failure> run_command(const SessionCommand& command, SessionState& state,
                                   std::string& out, std::string& tag);

}  // namespace kpi::server::pgwire
