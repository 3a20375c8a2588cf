#include "server/pgwire/message_run.h"

#include <simdjson.h>

#include <algorithm>

#include "server/pgwire/backend.h"

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
    case Interrupt::Reason::kUserLimit:
      return "too many statements of this user are under way";
    default:
      return "canceling statement due to user request";
  }
}

}  // namespace

void MessageRun::report(std::string& out, const Failure& failure, std::string_view text,
                        Interrupt::Reason reason, SessionState& state) {
  const Error& error = failure.error;
  const bool canceled = error.code == ErrorCode::kCanceled;
  const bool one_too_many = canceled && reason == Interrupt::Reason::kUserLimit;
  const bool timeout = canceled && reason == Interrupt::Reason::kTimeout;
  outcome_ = timeout                     ? QueryOutcome::kTimeout
             : canceled && !one_too_many ? QueryOutcome::kCanceled
                                         : QueryOutcome::kError;
  append_diagnostic(out, {Severity::kError, one_too_many ? kConfigurationLimit : failure.state,
                          canceled ? interrupt_message(reason) : error.message, error.hint,
                          character_position(text, error.position)});
  state.transaction.fail();
  state.end_portals(false);
}

std::optional<Failure> wrong_encoding(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  return Failure({ErrorCode::kInvalidArgument, "the statement is not valid UTF-8"},
                 kNotInRepertoire);
}

Failure failed_transaction() {
  return {{ErrorCode::kInvalidArgument,
           "current transaction is aborted, commands ignored until end of transaction block",
           "ROLLBACK ends it"},
          kInFailedTransaction};
}

}  // namespace kpi::server::pgwire
