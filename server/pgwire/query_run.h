// One Query message from its text to its last answer byte, without sockets: the statements run
// one after the other and their results come out in pieces, so that no answer is built whole.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "server/pgwire/backend.h"
#include "server/pgwire/catalog.h"

namespace kpi::server::pgwire {

inline constexpr std::size_t kReplyPieceBytes = 128U << 10;  // A piece ends after passing this.

// Why and how to stop a running statement; shared between its runner and those who may stop it.
// Thread-safe. The first reason stays.
class Interrupt {
 public:
  enum class Reason : std::uint8_t { kNone, kUser, kTimeout, kDisconnect, kShutdown };
  void request(Reason reason) {
    Reason none = Reason::kNone;
    if (reason_.compare_exchange_strong(none, reason)) source_.request_stop();
  }
  Reason reason() const { return reason_.load(); }
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::atomic<Reason> reason_{Reason::kNone};
  std::stop_source source_;
};

enum class QueryOutcome : std::uint8_t { kOk, kError, kCanceled, kTimeout };

struct QueryEnvironment {
  Store& store;
  std::size_t rows_max = kResultRowsMax;
  std::function<std::int64_t()> now_ms;
};

class QueryRun {
 public:
  // `environment`, `facts` and `interrupt` outlive the run.
  QueryRun(const QueryEnvironment& environment, const SessionFacts& facts,
           const Interrupt& interrupt, std::string text, TransactionStatus status);

  // Appends the next messages of the answer to `out`, at least one and about kReplyPieceBytes.
  // False: that was the last, ReadyForQuery. Takes as long as a statement takes.
  bool next(std::string& out);

  TransactionStatus status() const { return status_; }
  QueryOutcome outcome() const { return outcome_; }
  std::uint64_t rows_sent() const { return rows_sent_; }

 private:
  using Step = std::variant<query::Statement, CatalogAnswer>;
  bool prepare(std::string& out);
  Status prepare_each();
  bool start_statement(std::string& out);
  void append_rows(std::string& out);
  void finish_statement(std::string& out);
  bool finish(std::string& out);
  bool fail(std::string& out, const Error& error);

  const QueryEnvironment& environment_;
  const SessionFacts& facts_;
  const Interrupt& interrupt_;
  const std::string text_;
  TransactionStatus status_;
  QueryOutcome outcome_ = QueryOutcome::kOk;
  bool prepared_ = false;
  std::vector<Step> steps_;
  std::size_t step_ = 0;
  std::optional<query::Table> table_;  // The result that is being sent.
  std::size_t row_ = 0;
  std::uint64_t rows_sent_ = 0;
};

}  // namespace kpi::server::pgwire
