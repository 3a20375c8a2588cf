// What a session says after its login: messages in, answers out in pieces, without sockets. Skips
// to Sync after an error among messages of the extended protocol.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "server/pgwire/execution.h"
#include "server/pgwire/frontend.h"
#include "server/pgwire/message_run.h"

namespace kpi::server::pgwire {

// Not thread-safe: one thread at a time. `environment` outlives it.
class Conversation {
 public:
  // `wake`: called on any thread where an answer that was kWaiting goes on; may come late, and
  // more than once.
  Conversation(const QueryEnvironment& environment, std::function<void()> wake)
      : environment_(environment), wake_(std::move(wake)) {}

  SessionState& state() { return state_; }
  const SessionState& state() const { return state_; }

  // A message that needs an answer begins; false: it is to be skipped. `interrupt` stops it.
  // Requires kQuery, kExtended or kSync, and none that is still being answered.
  bool begin(const FrontendMessage& message, std::shared_ptr<Interrupt> interrupt);
  bool answering() const { return run_ != nullptr; }
  // As MessageRun::next(). Requires answering().
  RunProgress next(std::string& out);
  // Requires answering(); after kDone, or to give up.
  void finish();

  const MessageRun& run() const { return *run_; }
  bool follows() const { return run_ && run_->follows(); }
  // The answer is made at once, where it runs does not matter.
  bool is_brief() const;
  // Query and Sync: an error or a cancel goes no further.
  bool ends_group() const { return type_ == 'Q' || type_ == 'S'; }
  // What the message asks for, for those who count.
  bool counts_as_query() const { return type_ == 'Q' || type_ == 'E'; }
  // Its answer is to be sent at once, and not with what follows.
  bool wants_flush() const { return flush_; }

 private:
  const QueryEnvironment& environment_;
  const std::function<void()> wake_;
  SessionState state_;
  std::shared_ptr<Interrupt> interrupt_;
  std::unique_ptr<MessageRun> run_;
  char type_ = 0;
  bool skip_to_sync_ = false, flush_ = false;
};

}  // namespace kpi::server::pgwire
