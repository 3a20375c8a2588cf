#include "server/pgwire/conversation.h"

#include "kpi/assert.h"
#include "server/pgwire/extended_run.h"
#include "server/pgwire/query_run.h"

namespace kpi::server::pgwire {
namespace {

class SyncRun final : public MessageRun {
 public:
  explicit SyncRun(SessionState& state) : state_(state) {}
  RunProgress next(std::string& out) override {
    if (!state_.transaction.open()) state_.end_portals(true);
    append_ready_for_query(out, state_.transaction.status());
    return RunProgress::kDone;
  }
  bool follows() const override { return false; }

 private:
  SessionState& state_;
};

}  // namespace

bool Conversation::begin(const FrontendMessage& message, std::shared_ptr<Interrupt> interrupt) {
  KPI_ASSERT(!run_);
  using Kind = FrontendMessage::Kind;
  if (skip_to_sync_ && message.kind != Kind::kSync) return false;
  type_ = message.type;
  flush_ = message.kind != Kind::kExtended;
  interrupt_ = std::move(interrupt);
  const ExecutionContext context{environment_, state_, *interrupt_, wake_};
  if (message.kind == Kind::kSync) {
    skip_to_sync_ = false;
    run_ = std::make_unique<SyncRun>(state_);
  } else if (message.kind == Kind::kQuery) {
    run_ = std::make_unique<QueryRun>(context, std::string(message.text));
  } else {
    run_ = std::make_unique<ExtendedRun>(context, message.type, std::string(message.body));
  }
  return true;
}

RunProgress Conversation::next(std::string& out) {
  const RunProgress progress = run_->next(out);
  const auto* extended = dynamic_cast<const ExtendedRun*>(run_.get());
  if (progress == RunProgress::kDone && extended && extended->failed()) {
    skip_to_sync_ = true;
    flush_ = true;
  }
  return progress;
}

// Rows that a Sync drops may be many.
bool Conversation::is_brief() const {
  return type_ == 'S' &&
         !state_.portals.any_of([](const Portal& portal) { return portal.execution.holds_rows(); });
}

void Conversation::finish() {
  run_.reset();
  interrupt_.reset();
}

}  // namespace kpi::server::pgwire
