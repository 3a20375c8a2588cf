// One message of a client being answered, in pieces; and how answers report failure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/pgwire/interrupt.h"
#include "server/pgwire/session_state.h"
#include "server/pgwire/sqlstate.h"

namespace kpi::server::pgwire {

enum class QueryOutcome : std::uint8_t { kOk, kError, kCanceled, kTimeout };

enum class RunProgress : std::uint8_t {
  kMore,     // The piece is full: again.
  kWaiting,  // A follow without news: again when it has some.
  kDone,
};

class MessageRun {
 public:
  virtual ~MessageRun() = default;
  // Appends the next messages of the answer to `out`, about kReplyPieceBytes. Takes as long as a
  // statement takes.
  virtual RunProgress next(std::string& out) = 0;
  // A statement without an end is running: no time limit is meant for it.
  virtual bool follows() const = 0;

  QueryOutcome outcome() const { return outcome_; }
  std::uint64_t rows_sent() const { return rows_sent_; }

 protected:
  // Appends the ErrorResponse, and fails the transaction.
  void report(std::string& out, const Failure& failure, std::string_view text,
              Interrupt::Reason reason, SessionState& state);

  QueryOutcome outcome_ = QueryOutcome::kOk;
  std::uint64_t rows_sent_ = 0;
};

Failure failed_transaction();
// 22021: statements are UTF-8.
std::optional<Failure> wrong_encoding(std::string_view text);

}  // namespace kpi::server::pgwire
