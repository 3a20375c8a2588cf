#include "server/pgwire/session_command.h"

#include <algorithm>
#include <array>

#include "server/pgwire/session_state.h"

namespace kpi::server::pgwire {
namespace {

// A rule matches the whole statement or, followed by a blank, its beginning. The first counts.
struct CommandRule {
  std::string_view words, tag;
  CommandEffect effect = CommandEffect::kNone;
};
constexpr std::array<CommandRule, 20> kCommands = {
    {{"set", "SET", CommandEffect::kSet},
     {"reset", "RESET", CommandEffect::kReset},
     {"begin", "BEGIN", CommandEffect::kBegin},
     {"start transaction", "START TRANSACTION", CommandEffect::kBegin},
     {"commit", "COMMIT", CommandEffect::kCommit},
     {"end", "COMMIT", CommandEffect::kCommit},
     {"rollback to savepoint", "ROLLBACK", CommandEffect::kRollbackTo},
     {"rollback to", "ROLLBACK", CommandEffect::kRollbackTo},
     {"rollback", "ROLLBACK", CommandEffect::kRollback},
     {"abort", "ROLLBACK", CommandEffect::kRollback},
     {"savepoint", "SAVEPOINT", CommandEffect::kSavepoint},
     {"release savepoint", "RELEASE", CommandEffect::kRelease},
     {"release", "RELEASE", CommandEffect::kRelease},
     {"discard all", "DISCARD ALL", CommandEffect::kDiscard},
     {"discard", "DISCARD"},
     {"deallocate prepare", "DEALLOCATE", CommandEffect::kDeallocate},
     {"deallocate", "DEALLOCATE", CommandEffect::kDeallocate},
     {"close", "CLOSE CURSOR", CommandEffect::kCloseCursor},
     {"unlisten", "UNLISTEN"},
     {"checkpoint", "CHECKPOINT"}}};

bool take_word(std::string_view& text, std::string_view word) {
  if (text.substr(0, word.size()) != word) return false;
  if (text.size() > word.size() && text[word.size()] != ' ') return false;
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return true;
}

void warn(std::string& out, std::string_view state, std::string_view message) {
  append_diagnostic(out, {Severity::kWarning, state, message});
}

Failure no_transaction(const char* command) {
  return {{ErrorCode::kInvalidArgument,
           std::string(command) + " can only be used in transaction blocks"},
          kNoActiveTransaction};
}

std::optional<Failure> applied(const Status& status) {
  if (status.ok()) return std::nullopt;
  return Failure(status.error());
}

bool is_utc(std::string value) {
  std::transform(value.begin(), value.end(), value.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return value == "UTC" || value == "GMT" || value == "ETC/UTC" || value == "Z" || value == "0" ||
         value == "DEFAULT" || value == "LOCAL";
}

std::optional<Failure> set_time_zone(std::string_view value, std::string& out) {
  if (!is_utc(unquoted(value))) warn(out, "01000", "times are shown in UTC whatever the time zone");
  return std::nullopt;
}

std::optional<Failure> set(std::string_view rest, SessionState& state, std::string& out) {
  const bool local = take_word(rest, "local");
  const bool session = !local && take_word(rest, "session");
  if (take_word(rest, "transaction") || (session && take_word(rest, "characteristics"))) {
    return std::nullopt;
  }
  if (take_word(rest, "time zone")) return set_time_zone(rest, out);
  if (take_word(rest, "names")) {
    return applied(state.facts.settings.set("client_encoding", unquoted(rest), local));
  }
  const std::size_t end = rest.find_first_of(" =");
  std::string name = unquoted(rest.substr(0, end));
  std::string_view value = end == std::string_view::npos ? "" : rest.substr(end);
  while (!value.empty() && value[0] == ' ') value.remove_prefix(1);
  if (!value.empty() && value[0] == '=') {
    value.remove_prefix(1);
  } else if (!take_word(value, "to")) {
    return Failure({ErrorCode::kInvalidArgument, "expected SET name = value"}, kSyntaxError);
  }
  while (!value.empty() && value[0] == ' ') value.remove_prefix(1);
  if (value.empty()) {
    return Failure({ErrorCode::kInvalidArgument, "expected SET name = value"}, kSyntaxError);
  }
  if (name == "timezone") return set_time_zone(value, out);
  if (local && !state.transaction.open()) {
    warn(out, kNoActiveTransaction, "SET LOCAL can only be used in transaction blocks");
    return std::nullopt;
  }
  if (value == "default") {
    state.facts.settings.reset(name);
    return std::nullopt;
  }
  const Status status = state.facts.settings.set(name, unquoted(value), local);
  if (status.ok() && name == "application_name") {
    append_parameter_status(out, name, *state.facts.settings.find(name));
  }
  return applied(status);
}

std::optional<Failure> reset(std::string_view rest, SessionState& state) {
  if (rest == "all") {
    state.facts.settings.reset_all();
  } else {
    state.facts.settings.reset(unquoted(rest));
  }
  return std::nullopt;
}

void begin(SessionState& state, std::string& out) {
  if (state.transaction.open()) {
    return warn(out, kActiveTransaction, "there is already a transaction in progress");
  }
  state.transaction.begin();
  state.facts.settings.begin();
}

void end(SessionState& state, bool commit, std::string& out, std::string& tag) {
  if (!state.transaction.open()) {
    return warn(out, kNoActiveTransaction, "there is no transaction in progress");
  }
  // A client that commits after an error is told that it does not get what it asked for.
  if (state.transaction.failed()) {
    tag = "ROLLBACK";
    commit = false;
  }
  state.facts.settings.end(commit);
  state.transaction.end();
  state.end_portals(commit);
}

std::optional<Failure> savepoint(const SessionCommand& command, SessionState& state) {
  Transaction& transaction = state.transaction;
  if (!transaction.open())
    return no_transaction(command.tag == "RELEASE" ? "RELEASE" : "SAVEPOINT");
  const std::string name = unquoted(command.argument);
  if (command.effect == CommandEffect::kSavepoint) {
    if (transaction.add_savepoint(name)) return std::nullopt;
    return Failure({ErrorCode::kLimitExceeded,
                    "too many savepoints; at most " + std::to_string(kSavepointsMax)});
  }
  const bool known = command.effect == CommandEffect::kRelease ? transaction.release(name)
                                                               : transaction.rollback_to(name);
  if (known) return std::nullopt;
  return Failure({ErrorCode::kInvalidArgument, "savepoint \"" + name + "\" does not exist"},
                 kUndefinedSavepoint);
}

std::optional<Failure> deallocate(std::string_view rest, SessionState& state, std::string& tag) {
  if (rest == "all") {
    state.statements.clear();
    tag = "DEALLOCATE ALL";
    return std::nullopt;
  }
  const std::string name = unquoted(rest);
  if (!name.empty() && state.statements.erase(name)) return std::nullopt;
  return Failure(
      {ErrorCode::kInvalidArgument, "prepared statement \"" + name + "\" does not exist"},
      kUndefinedStatement);
}

std::optional<Failure> close_cursor(std::string_view rest, SessionState& state) {
  if (rest == "all") {
    state.portals.clear();
    return std::nullopt;
  }
  const std::string name = unquoted(rest);
  if (state.portals.erase(name)) return std::nullopt;
  return Failure({ErrorCode::kInvalidArgument, "cursor \"" + name + "\" does not exist"},
                 kUndefinedCursor);
}

std::optional<Failure> discard_all(SessionState& state) {
  if (state.transaction.open()) {
    return Failure(
        {ErrorCode::kInvalidArgument, "DISCARD ALL cannot run inside a transaction block"},
        kActiveTransaction);
  }
  state.portals.clear();
  state.statements.clear();
  state.facts.settings.reset_all();
  return std::nullopt;
}

}  // namespace

std::optional<SessionCommand> session_command(const ScannedStatement& statement) {
  for (const CommandRule& rule : kCommands) {
    std::string_view rest = statement.skeleton;
    if (!take_word(rest, rule.words)) continue;
    const std::size_t begin = std::min(statement.folded.size(), rule.words.size() + 1);
    return SessionCommand{rule.effect, rule.tag, statement.folded.substr(begin)};
  }
  return std::nullopt;
}

std::optional<Failure> run_command(const SessionCommand& command, SessionState& state,
                                   std::string& out, std::string& tag) {
  tag = command.tag;
  switch (command.effect) {
    case CommandEffect::kNone:
      return std::nullopt;
    case CommandEffect::kSet:
      return set(command.argument, state, out);
    case CommandEffect::kReset:
      return reset(command.argument, state);
    case CommandEffect::kBegin:
      begin(state, out);
      return std::nullopt;
    case CommandEffect::kCommit:
    case CommandEffect::kRollback:
      end(state, command.effect == CommandEffect::kCommit, out, tag);
      return std::nullopt;
    case CommandEffect::kSavepoint:
    case CommandEffect::kRollbackTo:
    case CommandEffect::kRelease:
      return savepoint(command, state);
    case CommandEffect::kDiscard:
      return discard_all(state);
    case CommandEffect::kDeallocate:
      return deallocate(command.argument, state, tag);
    case CommandEffect::kCloseCursor:
      return close_cursor(command.argument, state);
  }
  return std::nullopt;
}

}  // namespace kpi::server::pgwire
